// What people may ask of their data, as they see it: a copy, its erasure, what is kept and for how long; and
// what staff and the operator do about it.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { book, cancel, hold, listedAstrologer, profile, slotsOf } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { firstKey, Operator, statusOf } from "./support/operator.ts";
import { createAdmin, Person, userProfile } from "./support/person.ts";
import { until } from "./support/program.ts";
import { root, useWorld } from "./support/world.ts";

let admin: Person;
let astrologer: Person;
const world = useWorld({}, async (world) => {
  admin = await world.admin();
  astrologer = await listedAstrologer(world, admin);
});

const erase = (person: Person) => person.api.POST("/v1/me/erasure", { body: { confirm: true } });
const takeCopy = (person: Person, id: string) =>
  person.api.GET("/v1/me/exports/{id}", { params: { path: { id } } });
const copyOf = async (person: Person) => {
  const { id } = await ok(person.api.POST("/v1/me/exports"));
  return until("the copy to be made", async () => {
    const found = await ok(takeCopy(person, id));
    return found.state === "ready" && found;
  });
};
const requests = (who: Person) =>
  ok(who.api.GET("/v1/admin/data-requests", { params: { query: { reason: "ticket 4711" } } }));

test("a copy holds everything about its owner, in words that they understand, for seven days", async () => {
  const person = await new Person(world()).join();
  const copy = await copyOf(person);
  const { document } = copy;
  assert.equal(document!.subject, person.sub);
  assert.equal(document!.contact, "privacy@astrotalk.example");
  const of = (name: string) => document!.data.find((each) => each.name === name)!;
  const account = of("identity.account").records[0] as Record<string, unknown>;
  assert.equal(account.phone, person.phone);
  assert.equal(account.name, userProfile.name);
  assert.equal(account.city, userProfile.city);
  assert.match(of("identity.account").kept.en, /365 days/);
  assert.match(of("identity.account").kept.hi, /365 दिन/);
  assert.ok(JSON.stringify(of("identity.sessions").records).includes(person.address));
  assert.ok(JSON.stringify(of("wallet.ledger").records).includes("promotion.welcome"));
  assert.equal(Date.parse(copy.expiresAt!) - Date.parse(copy.readyAt!), 7 * 86_400_000);
  const { certificate } = copy;
  assert.equal(certificate!.id, copy.id);
  assert.equal(certificate!.subject, person.sub);
  assert.deepEqual(
    certificate!.classes,
    document!.data.map(({ name, records }) => ({ name, records: records.length })),
  );
  const headers = { authorization: `Bearer ${person.tokens!.access}` };
  const sent = await (await fetch(`${world().base}/v1/me/exports/${copy.id}`, { headers })).text();
  const asSent = /"document":(.*),"certificate":/.exec(sent)![1]!;
  assert.deepEqual(JSON.parse(asSent), document);
  assert.equal(certificate!.documentSha256, createHash("sha256").update(asSent).digest("hex"));
  const proved = await world().command("privacy", "certificate", copy.id);
  assert.equal(proved.code, 0, proved.text);
  assert.deepEqual(JSON.parse(proved.text), certificate);
  await refused(takeCopy(admin, copy.id), 404, "not_found");
  assert.ok(
    !(await world().query("select document_sealed::text from data_export")).includes(person.phone.slice(1)),
  );
});

test("a correction has its certificate, without a value, and the copy lists it", async () => {
  const person = await new Person(world()).join();
  await ok(person.api.PUT("/v1/me/profile", { body: { ...userProfile, city: "Nagpur" } }));
  const listed = (await copyOf(person)).document!.data.find(({ name }) => name === "privacy.certificates")!;
  const records = listed.records as Record<string, unknown>[];
  const corrections = records.filter(({ kind }) => kind === "correction");
  assert.equal(corrections.length, 1);
  const { id, at: _at, keyId: _keyId, ...said } = corrections[0]!;
  assert.deepEqual(said, {
    kind: "correction",
    subject: person.sub,
    dataClass: "identity.account",
    fields: ["city"],
    by: "user",
  });
  const proved = await world().command("privacy", "certificate", String(id));
  assert.equal(proved.code, 0, proved.text);
  assert.deepEqual(JSON.parse(proved.text), corrections[0]);
  await ok(astrologer.api.PUT("/v1/astrologer/profile", { body: { ...profile, bio: "A new text." } }));
  assert.equal(
    await world().query(
      `select string_agg((content::json -> 'fields')::text, ' ') from certificate
       where subject_id = '${astrologer.sub}'`,
    ),
    '["bio"]',
  );
});

test("a copy takes a sign-in of the last ten minutes, as the erasure does", async () => {
  const person = await new Person(world()).join();
  await world().query(
    `update refresh_family set auth_time = auth_time - interval '11 minutes' where user_id = '${person.sub}'`,
  );
  await refused(person.api.POST("/v1/me/exports"), 403, "sign_in_again");
  await refused(erase(person), 403, "sign_in_again");
  await world().advance(60);
  await person.signIn();
  await ok(person.api.POST("/v1/me/exports"));
});

test("an erasure is refused while there is something to settle, and then cannot be taken back", async () => {
  const person = await new Person(world()).join();
  const { items } = await slotsOf(person, astrologer);
  const held = await ok(hold(person, astrologer.sub, items[0]!.startsAt));
  const booked = await ok(book(person, held.id));
  await refused(erase(person), 409, "has_bookings");
  await refused(erase(astrologer), 409, "has_bookings");
  await ok(cancel(person, booked.id));
  await refused(person.api.POST("/v1/me/erasure", { body: {} as never }), 422, "invalid_request");
  const certificate = await ok(erase(person));
  assert.equal(certificate.subject, person.sub);
  assert.equal(certificate.legalHold, false);
  const kept = Object.fromEntries(certificate.kept.map((each) => [each.name, each]));
  assert.equal(kept["identity.account"]!.until, certificate.eraseAfter);
  assert.equal(Date.parse(certificate.eraseAfter) - Date.parse(certificate.at), 365 * 86_400_000);
  assert.match(kept["wallet.ledger"]!.why.en, /Companies Act/);
  for (const name of ["notification.devices", "identity.second_factor", "identity.changes"])
    assert.ok(
      certificate.erasedAtOnce.some((each) => each.name === name),
      name,
    );
  // What is no one person's ends by its own term.
  for (const name of ["identity.codes", "jobs.messages"]) assert.equal(kept[name]!.until, undefined, name);
  await until("the token to end", async () => (await statusOf(person)) === 401);
  const bookings = await ok(
    admin.api.GET("/v1/admin/bookings", { params: { query: { reason: "what others need stays" } } }),
  );
  assert.ok(bookings.items.some(({ id }) => id === booked.id));

  const shown = await world().command("privacy", "certificate", certificate.id);
  assert.equal(shown.code, 0, shown.text);
  assert.deepEqual(JSON.parse(shown.text), certificate);
  const tombstone = await world().command(
    "privacy",
    "tombstone",
    person.sub,
    "--reason",
    "the owner asked",
  );
  assert.ok(tombstone.text.includes(person.phone) && tombstone.text.includes(userProfile.name));
  const log = await world().query(
    "select string_agg(action || ':' || coalesce(reason, ''), ' ') from (select action, reason, subject_id " +
      `from audit_log union all select action, reason, subject_id from audit_pending) a ` +
      `where subject_id = '${person.sub}' and action like 'privacy.%'`,
  );
  assert.ok(log.includes("privacy.erase:") && log.includes("privacy.read_tombstone:the owner asked"), log);
});

test("staff and the SDK end accounts by the same way", async () => {
  const [one, two] = [await new Person(world()).join(), await new Person(world()).join()];
  const { AdminDeleteUserCommand, DeleteUserCommand } = await import(
    "@aws-sdk/client-cognito-identity-provider"
  );
  await one.cognito.send(new DeleteUserCommand({ AccessToken: one.tokens!.access }));
  const operator = new Operator(world());
  assert.ok(firstKey(world()).accessKeyId);
  await operator.cognito.send(
    new AdminDeleteUserCommand({ UserPoolId: operator.UserPoolId, Username: two.phone }),
  );
  const causes = await world().query(
    `select string_agg(cause, ',' order by id) from erasure where user_id in ('${one.sub}', '${two.sub}')`,
  );
  assert.equal(causes, "delete_user,admin_delete");
});

test("an erasure and a booking at once: one of them is refused", async () => {
  for (let round = 0; round < 5; ++round) {
    const person = await new Person(world()).join();
    const { items } = await slotsOf(person, astrologer);
    const held = await ok(hold(person, astrologer.sub, items[0]!.startsAt));
    const [booked, erased] = await Promise.all([book(person, held.id), erase(person)]);
    assert.ok(
      booked.response.ok !== erased.response.ok,
      `${booked.response.status} ${erased.response.status}`,
    );
    if (booked.response.ok) await ok(cancel(person, booked.data!.id));
  }
});

test("what comes too late for an ended account is refused, and not stored", async () => {
  const person = await new Person(world()).join();
  // As a request that waited finds it: the token was good when it came.
  await world().query(
    `update pool_user set deleted_at = app_now(), enabled = false, name_sealed = null, language = null,
       city_sealed = null, adult_declared_at = null, email_sealed = null, groups = '{}'
     where id = '${person.sub}'`,
  );
  const body = { token: "registration-token-too-late", platform: "web" as const };
  await refused(person.api.POST("/v1/devices", { body }), 401, "unauthenticated");
  assert.equal(await world().query(`select count(*) from device where user_id = '${person.sub}'`), "0");
});

test("a held person's data stays until the hold is lifted, and the certificates say so", async () => {
  const person = await new Person(world()).join();
  const reason = "Case 4711 before the district court";
  const support = await createAdmin(world(), undefined, "support");
  const asked = { body: { userId: person.sub, reason } };
  await refused(support.api.POST("/v1/admin/legal-holds", asked), 403, "forbidden");
  const { id } = await ok(admin.api.POST("/v1/admin/legal-holds", asked));
  assert.equal((await ok(erase(person))).legalHold, true);
  await world().query(
    `update erasure set restricted_at = restricted_at - interval '366 days', ` +
      `erase_after = erase_after - interval '366 days' where user_id = '${person.sub}'`,
  );
  const preview = await world().command("privacy", "purge", "--dry-run");
  assert.match(preview.text, /privacy\.tombstone \(promised, .*\): 0 would go, 1 are held/);
  assert.match((await world().command("privacy", "purge", "--run")).text, /Nothing was due/);
  const seen = (await requests(support)).items.filter(({ userId }) => userId === person.sub);
  assert.deepEqual(seen.map(({ kind, state }) => `${kind} ${state}`).sort(), [
    "erasure restricted",
    "hold active",
  ]);
  await ok(
    admin.api.POST("/v1/admin/legal-holds/{id}/lift", {
      params: { path: { id } },
      body: { reason: "The case is closed" },
    }),
  );
  const run = await world().command("privacy", "purge", "--run");
  assert.equal(run.code, 0, run.text);
  const certificate = JSON.parse(run.text);
  const line = certificate.classes.find((each: { name: string }) => each.name === "privacy.tombstone");
  assert.equal(line.count, 1);
  assert.match(line.idsHash, /^[0-9a-f]{64}$/);
  const gone = await world().command("privacy", "tombstone", person.sub, "--reason", "to be sure");
  assert.equal(gone.code, 1);
  assert.equal((await requests(admin)).items.find(({ kind }) => kind === "erasure")!.state, "erased");
  assert.equal((await world().command("privacy", "purge")).code, 2);
});

test("an Aadhaar number is refused wherever text is accepted, and the number is not repeated", async () => {
  const number = "2341 2341 2346";
  const person = await new Person(world()).enter();
  const body = { ...userProfile, name: `Asha ${number}` };
  const problem = await refused(
    person.api.PUT("/v1/me/profile", { body }),
    422,
    "aadhaar_number_not_accepted",
  );
  assert.deepEqual(problem.errors, [{ pointer: "/name", detail: "must not hold an Aadhaar number" }]);
  const bio = `Call me by my number, ${number}.`;
  await refused(
    astrologer.api.PUT("/v1/astrologer/profile", { body: { ...profile, bio } }),
    422,
    "aadhaar_number_not_accepted",
  );
  const query = { reason: `about ${number.replaceAll(" ", "")}` };
  for (const asked of [
    admin.api.GET("/v1/admin/users", { params: { query } }),
    admin.api.GET("/v1/admin/data-requests", { params: { query } }),
    admin.api.GET("/v1/admin/recoveries", { params: { query } }),
    admin.api.GET("/v1/admin/astrologers/{id}/uploads", {
      params: { path: { id: astrologer.sub }, query },
    }),
    admin.api.GET("/v1/admin/kyc/{id}", { params: { path: { id: randomUUID() }, query } }),
  ])
    await refused(asked, 422, "aadhaar_number_not_accepted");
  await ok(person.api.PUT("/v1/me/profile", { body: userProfile }));
});

test("the scan finds none here, and finds one in each place where it is planted", async () => {
  const file = join(world().directory, "server.log");
  writeFileSync(file, world().server.tail());
  const clean = await world().command("privacy", "scan", file);
  assert.match(clean.text, /No Aadhaar number was found/);
  assert.equal(clean.code, 0, clean.text);
  writeFileSync(file, "a line\nAadhaar 2341-2341-2346\n");
  await world().query(
    "insert into outbox (id, kind, payload, last_error, dead_at) " +
      "values (gen_random_uuid(), 'x', '', '234123412346', app_now())",
  );
  const found = await world().command("privacy", "scan", world().directory);
  assert.equal(found.code, 1);
  assert.match(found.text, /outbox\.last_error: 1 Aadhaar numbers/);
  assert.match(found.text, /server\.log: 1 Aadhaar numbers/);
  assert.ok(!/2341.?2341/.test(found.text));
  await world().query("delete from outbox where kind = 'x'"); // every world is scanned when it closes
});

test("the retention table in the documentation is the program's", async () => {
  const { text } = await world().command("privacy", "classes");
  assert.ok(text.includes("identity.account"), text);
  const page = readFileSync(join(root, "docs/privacy.md"), "utf8");
  assert.ok(page.includes(text.trim()), "docs/privacy.md lacks what `astrotalk privacy classes` prints");
});

test("settings below the law's year are refused at start", async () => {
  const { run } = await import("./support/program.ts");
  const { astrotalk } = await import("./support/world.ts");
  for (const [name, days] of [
    ["ASTROTALK_RETENTION_PERSONAL_DAYS", "364"],
    ["ASTROTALK_RETENTION_LOG_DAYS", "364"],
    ["ASTROTALK_RETENTION_MONEY_DAYS", "2191"],
  ] as const) {
    const { code, text } = await run(
      astrotalk,
      ["serve"],
      { ...world().env, [name]: days },
      world().directory,
    );
    assert.equal(code, 2, text);
    assert.ok(text.includes(name), text);
  }
});
