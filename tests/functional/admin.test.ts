// Staff: what they decide and see, the trail of it, and that both proofs notice tampering.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { book, hold, listedAstrologer, profile, slotsOf } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { createAdmin, Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { useWorld } from "./support/world.ts";

let admin: Person;
// Here staff judge every profile.
const world = useWorld({ env: { ASTROTALK_QUALITY_REVIEW: "on" } }, async (world) => {
  admin = await world.admin();
});

const decide = (id: string, verdict: "approve" | "reject", reason: string) => {
  const init = { params: { path: { id } }, body: { reason } };
  return verdict === "approve"
    ? admin.api.POST("/v1/admin/astrologers/{id}/approve", init)
    : admin.api.POST("/v1/admin/astrologers/{id}/reject", init);
};

async function trailOf(subject: string) {
  const { items } = await ok(admin.api.GET("/v1/admin/audit", { params: { query: { limit: 100 } } }));
  return items.filter(({ subjectId, actorId }) => subjectId === subject || actorId === subject);
}

test("admin create makes an admin, also of someone who exists, and refuses a bad number", async () => {
  assert.ok(admin.claims["cognito:groups"].includes("admin"));
  const person = await new Person(world()).join();
  const made = await world().command("admin", "create", "--phone", person.phone, "--name", "Ravi Kumar");
  assert.equal(made.code, 0, made.text);
  await person.refresh();
  assert.ok(person.claims["cognito:groups"].includes("admin"));
  const bad = await world().command("admin", "create", "--phone", "12345", "--name", "Nobody");
  assert.notEqual(bad.code, 0);
});

test("support sees what administrators see, audited as support, and changes nothing", async () => {
  const support = await createAdmin(world(), undefined, "support");
  assert.deepEqual(support.claims["cognito:groups"], ["support"]);
  await refused(support.api.GET("/v1/admin/users", {} as never), 422, "invalid_request");
  const query = { reason: "caller asks for their booking" };
  await ok(support.api.GET("/v1/admin/users", { params: { query } }));
  await ok(support.api.GET("/v1/admin/bookings", { params: { query } }));
  await ok(support.api.GET("/v1/admin/astrologers"));
  await ok(support.api.GET("/v1/admin/dead-letters"));
  const { items } = await ok(support.api.GET("/v1/admin/audit", { params: { query: { limit: 100 } } }));
  const reads = items.filter(
    ({ action, actorId }) => actorId === support.sub && action.startsWith("admin."),
  );
  assert.deepEqual(reads.map(({ action, actorRole }) => `${actorRole} ${action}`).sort(), [
    "support admin.read_bookings",
    "support admin.read_users",
  ]);
  for (const { reason } of reads) assert.equal(reason, query.reason);
  const path = { id: support.sub };
  const init = { params: { path }, body: { reason: "not mine to say" } };
  await refused(support.api.POST("/v1/admin/astrologers/{id}/approve", init), 403, "forbidden");
  await refused(support.api.POST("/v1/admin/astrologers/{id}/reject", init), 403, "forbidden");
  await refused(
    support.api.POST("/v1/admin/dead-letters/{id}/replay", { params: { path } }),
    403,
    "forbidden",
  );
});

test("admin create explains its roles and refuses others", async () => {
  assert.match((await world().command("admin", "create", "--help")).text, /--role .*support/);
  const args = ["--phone", "+919812345670", "--name", "Asha Rao", "--role", "root"];
  const { code, text } = await world().command("admin", "create", ...args);
  assert.equal(code, 2, text);
  assert.match(text, /--role/);
});

test("a profile goes draft, pending, rejected, pending, approved; only what waits is decided", async () => {
  const astrologer = await new Person(world()).join("astrologer");
  await refused(astrologer.api.GET("/v1/astrologer/profile"), 404, "not_found");
  await refused(astrologer.api.POST("/v1/astrologer/profile/submit"), 409, "profile_incomplete");
  const draft = await ok(astrologer.api.PUT("/v1/astrologer/profile", { body: { ...profile, bio: "" } }));
  assert.equal(draft.status, "draft");
  await refused(decide(astrologer.sub, "approve", "too early"), 409, "not_pending");
  const incomplete = await refused(
    astrologer.api.POST("/v1/astrologer/profile/submit"),
    409,
    "profile_incomplete",
  );
  assert.ok(incomplete.errors!.some(({ pointer }) => pointer === "/bio"));
  await ok(astrologer.api.PUT("/v1/astrologer/profile", { body: profile }));
  const submitted = await ok(astrologer.api.POST("/v1/astrologer/profile/submit"));
  assert.equal(submitted.status, "pending");
  assert.ok(submitted.submittedAt);
  const rejected = await ok(decide(astrologer.sub, "reject", "The references did not answer"));
  assert.equal(rejected.status, "rejected");
  assert.equal(rejected.decisionReason, "The references did not answer");
  await astrologer.refresh();
  assert.equal(astrologer.claims["custom:profile_status"], "rejected");
  assert.ok(!(astrologer.claims["cognito:groups"] ?? []).includes("astrologer"));
  await ok(astrologer.api.POST("/v1/astrologer/profile/submit"));
  await refused(decide(astrologer.sub, "approve", "unchecked"), 409, "kyc_not_completed");
  const papers = { params: { path: { id: astrologer.sub } }, body: { reason: "Passport seen" } };
  const accepted = await admin.api.POST("/v1/admin/astrologers/{id}/papers", papers);
  assert.equal(accepted.response.status, 204);
  const both = await Promise.all([
    decide(astrologer.sub, "approve", "yes"),
    decide(astrologer.sub, "reject", "no"),
  ]);
  assert.deepEqual(both.map(({ response }) => response.status).sort(), [200, 409]);
  await refused(decide(admin.sub, "approve", "not an astrologer"), 404, "astrologer_not_found");
  const actions = (await trailOf(astrologer.sub)).map(({ action }) => action);
  assert.ok(actions.includes("astrologer.reject") && actions.includes("user.sign_up"), actions.join());
});

test("a decision needs a reason", async () => {
  const astrologer = await new Person(world()).join("astrologer");
  for (const reason of ["", "   "]) {
    const { pointers } = await refused(
      decide(astrologer.sub, "approve", reason),
      422,
      "invalid_request",
    ).then((problem) => ({ pointers: problem.errors!.map(({ pointer }) => pointer) }));
    assert.deepEqual(pointers, ["/reason"]);
  }
});

test("reading bookings takes a reason and leaves a trace", async () => {
  const bare = admin.api.GET("/v1/admin/bookings", { params: { query: {} as { reason: string } } });
  await refused(bare, 422, "invalid_request");
  const reason = `dispute ${Date.now()}`;
  await ok(admin.api.GET("/v1/admin/bookings", { params: { query: { reason } } }));
  const trail = (await ok(admin.api.GET("/v1/admin/audit"))).items;
  assert.ok(trail.some((entry) => entry.action === "admin.read_bookings" && entry.reason === reason));
});

test("reading users takes a reason, masks phones and leaves a trace", async () => {
  const bare = admin.api.GET("/v1/admin/users", { params: { query: {} as { reason: string } } });
  await refused(bare, 422, "invalid_request");
  const reason = `ticket ${Date.now()}`;
  const { items } = await ok(
    admin.api.GET("/v1/admin/users", { params: { query: { reason, limit: 100 } } }),
  );
  const self = items.find(({ id }) => id === admin.sub);
  assert.equal(self?.phone, `+91******${admin.phone.slice(-4)}`);
  const trail = await trailOf(admin.sub);
  assert.ok(trail.some((entry) => entry.action === "admin.read_users" && entry.reason === reason));
});

test("pages of users are whole and without repetition", async () => {
  for (let i = 0; i < 3; ++i) await new Person(world()).join();
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { reason: "paging", limit: 2, ...(cursor ? { cursor } : {}) };
    const page = await ok(admin.api.GET("/v1/admin/users", { params: { query } }));
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor);
  assert.equal(new Set(seen).size, seen.length);
  assert.equal(String(seen.length), await world().query("select count(*) from pool_user"));
});

test("the trail is sealed within a second, numbered without gaps, and cannot be changed", async () => {
  await new Person(world()).join();
  await until(
    "the sealer",
    async () => (await world().query("select count(*) from audit_pending")) === "0",
    3_000,
  );
  assert.equal(await world().query("select count(*) = max(seq) and min(seq) = 1 from audit_log"), "t");
  await assert.rejects(world().query("update audit_log set reason = 'other'"), /append-only/);
  await assert.rejects(world().query("delete from posting"), /immutable/);
  assert.equal(
    await world().query("select count(*) from audit_log where detail like '%+91%' or reason like '%+91%'"),
    "0",
  );
});

test("dead letters are listed and replayed", async () => {
  await refused(
    admin.api.POST("/v1/admin/dead-letters/{id}/replay", { params: { path: { id: admin.sub } } }),
    404,
    "not_found",
  );
  const provider = async (status: number) => {
    const body = JSON.stringify({ status, delayMs: 0, dropNext: 0 });
    const changed = await fetch(`${world().sandbox}/control/sms`, { method: "PUT", body });
    assert.ok(changed.ok, await changed.text());
  };
  await provider(500);
  const person = new Person(world());
  await person.signUp("user");
  const tried = async () => (await world().query("select count(*) from outbox where attempts > 0")) === "1";
  await until("the first attempt", tried);
  await world().query("update outbox set attempts = 10, dead_at = now(), last_error = 'answered 500'");
  await provider(200);
  const { items } = await ok(admin.api.GET("/v1/admin/dead-letters"));
  assert.equal(items.length, 1);
  const done = await admin.api.POST("/v1/admin/dead-letters/{id}/replay", {
    params: { path: { id: items[0]!.id } },
  });
  assert.equal(done.response.status, 204);
  await person.confirm(await person.code());
  assert.deepEqual((await ok(admin.api.GET("/v1/admin/dead-letters"))).items, []);
});

test("a dead letter is given up for good, by an administrator and for a reason", async () => {
  const id = randomUUID();
  await world().query(
    `insert into outbox (id, kind, payload, attempts, dead_at) values ('${id}', 'test.kind', '', 10, now())`,
  );
  const discard = (reason: string) =>
    admin.api.POST("/v1/admin/dead-letters/{id}/discard", { params: { path: { id } }, body: { reason } });
  await refused(discard(""), 422, "invalid_request");
  assert.equal((await discard("the case is closed")).response.status, 204);
  await refused(discard("again"), 404, "not_found");
  assert.equal(await world().query(`select count(*) from outbox where id = '${id}'`), "0");
  const { items } = await ok(admin.api.GET("/v1/admin/audit"));
  const entry = items.find(({ subjectId }) => subjectId === id)!;
  assert.deepEqual(
    [entry.action, entry.reason, entry.actorId, entry.detail],
    ["outbox.discard", "the case is closed", admin.sub, { kind: "test.kind", attempts: 10 }],
  );
});

test("both proofs notice tampering", async () => {
  const astrologer = await listedAstrologer(world(), admin);
  const user = await new Person(world()).join();
  const { items } = await slotsOf(user, astrologer);
  await ok(book(user, (await ok(hold(user, astrologer.sub, items[4]!.startsAt))).id));
  for (const log of ["ledger", "audit"]) {
    const { code, text } = await world().command(log, "verify");
    assert.equal(code, 0, text);
  }
  await world().query(`update wallet set cash = cash + 1 where owner_id = '${user.sub}'`);
  const ledger = await world().command("ledger", "verify");
  assert.equal(ledger.code, 1, ledger.text);
  await world().query(`update wallet set cash = cash - 1 where owner_id = '${user.sub}'`);
  await world().query(
    `alter table audit_log disable trigger all; update audit_log set reason = 'forged' where seq = 2;
     alter table audit_log enable trigger all`,
  );
  const audit = await world().command("audit", "verify");
  assert.equal(audit.code, 1, audit.text);
  assert.match(audit.text, /\b2\b/);
});
