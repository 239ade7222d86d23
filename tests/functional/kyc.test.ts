// An astrologer's identity check from the notice to the listing, over Digio as the sandbox plays it, with all
// that Digio and the line can do wrong.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { profile } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { begin, consent, Digio, kidOf, kycOf, start, whenKyc, withdraw } from "./support/kyc.ts";
import { createAdmin, Person } from "./support/person.ts";
import { inbox } from "./support/place.ts";
import { until } from "./support/program.ts";
import { useWorld, type World } from "./support/world.ts";

let admin: Person;
let digio: Digio;
const world = useWorld({}, async (world: World) => {
  admin = await world.admin();
  digio = new Digio(world);
});

async function applicant(): Promise<Person> {
  const who = await new Person(world()).join("astrologer");
  await ok(who.api.PUT("/v1/astrologer/profile", { body: profile }));
  await ok(who.api.POST("/v1/astrologer/profile/submit"));
  return who;
}

const ended = (who: Person, state: string) =>
  whenKyc(who, `the session to be ${state}`, ({ session }) => session?.state === state);

// Whatever webhooks are under way: the check comes when its time has come.
const soon = () =>
  world().query("update kyc_session set next_check_at = app_now() where next_check_at is not null");

test("a legal name belongs to a profile", async () => {
  const who = await new Person(world()).join("astrologer");
  const put = who.api.PUT("/v1/astrologer/legal-name", { body: { legalName: "Asha Rao" } });
  await refused(put, 409, "profile_required");
});

test("from the notice to an approved profile, told once", async () => {
  const who = await applicant();
  assert.equal((await kycOf(who)).nextStep, "add_legal_name");
  await refused(start(who), 409, "legal_name_required");
  const unseen = who.api.PUT("/v1/astrologer/legal-name", { body: { legalName: " \u200b " } });
  await refused(unseen, 422, "invalid_request");
  const named = await ok(who.api.PUT("/v1/astrologer/legal-name", { body: { legalName: "  Asha Rao " } }));
  assert.equal(named.legalName, "Asha Rao");
  assert.equal((await kycOf(who)).nextStep, "give_consent");
  await refused(start(who), 409, "consent_required");
  await consent(who, "hi");
  assert.equal((await kycOf(who)).nextStep, "start");
  const key = randomUUID();
  const session = await ok(start(who, key));
  assert.equal(session.state, "open");
  assert.match(session.gatewayUrl!, /\/#\/gateway\/login\/KID[0-9A-Z]{29}\//);
  const again = await ok(start(who, key));
  assert.equal(again.id, session.id);
  const open = (await refused(start(who), 409, "kyc_in_progress")) as { session?: { id: string } };
  assert.equal(open.session?.id, session.id);
  assert.equal((await kycOf(who)).nextStep, "continue_session");
  await digio.drive(kidOf(session), "approve");
  const done = await whenKyc(who, "the check to pass", ({ status }) => status === "completed");
  assert.equal(done.nextStep, "nothing");
  assert.equal((await ok(who.api.GET("/v1/astrologer/profile"))).status, "approved");
  await who.refresh();
  assert.equal(who.claims["custom:kyc_status"], "completed");
  assert.equal(who.claims["custom:profile_status"], "approved");
  assert.ok(who.claims["cognito:groups"].includes("astrologer"));
  await refused(start(who), 409, "already_verified");
  await until("the news by SMS", async () => (await inbox(world(), who.phone)).length > 1);
  const news = await world().query(
    `select count(*) from notification where user_id = '${who.sub}' and kind = 'kyc.approved'`,
  );
  assert.equal(news, "1");
  assert.equal(await digio.creationsOf(session), 1);
});

test("what is returned with is noted and not believed", async () => {
  const who = await applicant();
  const session = await begin(who);
  const params = { path: { id: session.id } };
  const said = await who.api.POST("/v1/astrologer/kyc/sessions/{id}/return", {
    params,
    body: { status: "success", message: "Done" },
  });
  assert.equal(said.response.status, 202);
  await until("it to be asked about", async () => {
    const checks = await world().query(`select checks > 0 from kyc_session where id = '${session.id}'`);
    return checks === "t";
  });
  assert.equal((await kycOf(who)).session!.state, "open");
  const renewed = await ok(who.api.POST("/v1/astrologer/kyc/sessions/{id}/token", { params }));
  assert.notEqual(renewed.gatewayUrl, session.gatewayUrl);
  const other = await applicant();
  await refused(other.api.POST("/v1/astrologer/kyc/sessions/{id}/token", { params }), 404, "kyc_not_found");
  await ok(who.api.POST("/v1/astrologer/kyc/sessions/{id}/cancel", { params }));
  await refused(who.api.POST("/v1/astrologer/kyc/sessions/{id}/token", { params }), 409, "kyc_not_open");
  assert.equal((await kycOf(who)).attemptsLeft, 3, "nothing was handed in");
});

test("three attempts, whoever counts", async () => {
  const who = await applicant();
  let session = await begin(who);
  for (let attempt = 1; attempt <= 3; ++attempt) {
    assert.equal(session.attempt, attempt);
    await digio.drive(kidOf(session), "reject");
    const now = await ended(who, "rejected");
    assert.equal(now.attemptsLeft, 3 - attempt);
    assert.equal(now.status, "failed");
    if (attempt < 3) session = await ok(start(who));
  }
  assert.equal((await kycOf(who)).nextStep, "contact_support");
  await refused(start(who), 409, "kyc_attempts_exhausted");
});

for (const [what, rule] of Object.entries({
  "comes twice": { fault: "duplicate" },
  "comes with another body": { fault: "altered" },
  "comes out of order": { fault: "reorder" },
  "comes late": { fault: "delay", delayMs: 1500 },
  "never comes": { fault: "drop" },
  "is signed with another secret": { fault: "bad_checksum" },
  "is an old one": { fault: "stale" },
  "says it is an hour old": { fault: "old_created_at" },
  "is in capitals": { fault: "upper_case" },
})) {
  test(`a webhook that ${what} changes nothing of the end`, async () => {
    const who = await applicant();
    const session = await begin(who);
    await digio.faults({ call: "webhook", ...rule });
    try {
      await digio.drive(kidOf(session), "approve");
      await soon();
      await whenKyc(who, "the check to pass", ({ status }) => status === "completed");
    } finally {
      await digio.faults();
    }
    // The outbox tells it a moment after the state has it.
    const told = await until("the end to be told", async () => {
      const count = await world().query(
        `select count(*) from notification where user_id = '${who.sub}' and kind like 'kyc.%'`,
      );
      return count === "0" ? undefined : count;
    });
    assert.equal(told, "1");
  });
}

test("a creation whose answer was lost is settled by Digio's webhook, and never sent again", async () => {
  const who = await applicant();
  await ok(who.api.PUT("/v1/astrologer/legal-name", { body: { legalName: "Asha Rao" } }));
  await consent(who);
  await digio.faults({ call: "create", fault: "lost_answer", status: 504, times: 1 });
  const answer = await start(who);
  assert.ok([201, 202].includes(answer.response.status));
  const now = await ended(who, "open");
  assert.equal(await digio.creationsOf(now.session!), 1);
  const params = { path: { id: now.session!.id } };
  const renewed = await ok(who.api.POST("/v1/astrologer/kyc/sessions/{id}/token", { params }));
  await digio.drive(kidOf(renewed), "approve");
  await whenKyc(who, "the check to pass", ({ status }) => status === "completed");
});

test("a Digio that refuses or fails uses nothing up", async () => {
  const who = await applicant();
  await ok(who.api.PUT("/v1/astrologer/legal-name", { body: { legalName: "Asha Rao" } }));
  await consent(who);
  await digio.faults({ call: "create", fault: "status", status: 400, times: 1 });
  await refused(start(who), 503, "kyc_unavailable");
  assert.equal((await kycOf(who)).attemptsLeft, 3);
  const session = await ok(start(who));
  await digio.faults(
    { call: "response", fault: "status", status: 500, times: 1 },
    { call: "response", fault: "status", status: 429, times: 1 },
    { call: "response", fault: "not_json", times: 1 },
  );
  await digio.drive(kidOf(session), "approve");
  await until(
    "the check to pass",
    async () => {
      await soon();
      return (await kycOf(who)).status === "completed";
    },
    30_000,
    500,
  );
  await digio.faults();
});

test("withdrawing consent stops the check in one call and asks Digio to delete", async () => {
  const who = await applicant();
  const session = await begin(who);
  await withdraw(who);
  const now = await ended(who, "abandoned");
  assert.equal(now.session!.cause, "consent_withdrawn");
  assert.equal(now.attemptsLeft, 3);
  await until("the deletion to be recorded", async () => {
    const asked = await world().query(
      `select count(*) from kyc_deletion where session_id = '${session.id}' and done_at is null`,
    );
    return asked === "1";
  });
  const open = await ok(admin.api.GET("/v1/admin/kyc-deletions"));
  assert.equal(open.items.find(({ sessionId }) => sessionId === session.id)?.kid, kidOf(session));
  const done = { params: { path: { id: session.id } }, body: { reason: "Digio confirmed by letter" } };
  const noted = await admin.api.POST("/v1/admin/kyc-deletions/{id}/done", done);
  assert.equal(noted.response.status, 204);
  await refused(admin.api.POST("/v1/admin/kyc-deletions/{id}/done", done), 404, "kyc_not_found");
  await digio.drive(kidOf(session), "approve");
  await soon();
  assert.equal((await kycOf(who)).session!.state, "abandoned");
  await refused(start(who), 409, "consent_required");
});

test("under age is refused for good, whatever the papers", async () => {
  const who = await applicant();
  await digio.person(who, { dateOfBirth: "2015-03-04", dateOfBirthOnPan: "2015-03-04" });
  const session = await begin(who);
  await digio.drive(kidOf(session), "complete");
  const now = await ended(who, "rejected");
  assert.equal(now.status, "rejected");
  assert.deepEqual(now.reasons, ["under_age"]);
  await refused(start(who), 409, "kyc_rejected");
});

test("a name that differs waits for staff, who see it masked, reveal it and decide", async () => {
  const who = await applicant();
  await digio.person(who, { nameOnPan: "VIKRAM SINGH", nameOnAadhaar: "Vikram Singh", pan: "ABCPK7777F" });
  const session = await begin(who);
  await digio.drive(kidOf(session), "approve");
  const held = await ended(who, "in_review");
  assert.equal(held.nextStep, "wait");
  assert.deepEqual(held.reasons, ["name_unrelated"]);
  const queue = await ok(admin.api.GET("/v1/admin/kyc", { params: { query: { limit: 100 } } }));
  assert.ok(queue.items.some(({ id }) => id === session.id));
  const path = { id: session.id };
  await refused(admin.api.GET("/v1/admin/kyc/{id}", { params: { path } } as never), 422, "invalid_request");
  const query = { reason: "names differ" };
  const masked = await ok(admin.api.GET("/v1/admin/kyc/{id}", { params: { path, query } }));
  assert.equal(masked.seen.pan, "ABXXXXXX7F");
  assert.equal(masked.seen.panName, "V*** S***");
  const body = { reason: "comparing with the passport" };
  const support = await createAdmin(world(), undefined, "support");
  await refused(
    support.api.POST("/v1/admin/kyc/{id}/reveal", { params: { path }, body }),
    403,
    "forbidden",
  );
  const whole = await ok(admin.api.POST("/v1/admin/kyc/{id}/reveal", { params: { path }, body }));
  assert.equal(whole.seen.pan, "ABCPK7777F");
  assert.match(whole.seen.aadhaar, /^XXXX XXXX \d{4}$/);
  const approved = await admin.api.POST("/v1/admin/kyc/{id}/approve", { params: { path }, body });
  assert.equal(approved.response.status, 204, JSON.stringify(approved.error));
  assert.equal((await kycOf(who)).status, "completed");
  await refused(
    admin.api.POST("/v1/admin/kyc/{id}/reject", {
      params: { path },
      body: { ...body, code: "other_person" },
    }),
    409,
    "kyc_not_reviewable",
  );
  const trail = await ok(admin.api.GET("/v1/admin/audit", { params: { query: { limit: 100 } } }));
  const actions = trail.items
    .filter(({ subjectId }) => subjectId === session.id)
    .map(({ action }) => action);
  for (const action of [
    "kyc.start",
    "kyc.open",
    "kyc.review",
    "admin.read_kyc",
    "kyc.reveal",
    "kyc.staff_approve",
    "kyc.approve",
  ])
    assert.ok(actions.includes(action), `${action} in ${actions.join()}`);
});

test("half an hour, by our clock", async () => {
  const who = await applicant();
  const session = await begin(who);
  await world().advance(31 * 60);
  await who.refresh();
  const now = await ended(who, "expired");
  assert.equal(now.attemptsLeft, 3, "nothing was handed in");
  await refused(
    who.api.POST("/v1/astrologer/kyc/sessions/{id}/token", { params: { path: { id: session.id } } }),
    409,
    "kyc_not_open",
  );
  const second = await ok(start(who));
  assert.equal(second.attempt, 1);
});

test("no PAN and no name lies in the database in clear", async () => {
  const found = await world().query(
    "select count(*) from kyc_session k where k::text ~ '[A-Z]{5}[0-9]{4}[A-Z]' or k::text ilike '%asha%'",
  );
  assert.equal(found, "0");
});
