// Consent to the identity check: notices that can be held against what was agreed to, giving, withdrawing,
// and the proof of both.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ok, refused } from "./support/expect.ts";
import { Person } from "./support/person.ts";
import { send } from "./support/raw.ts";
import { useWorld, World } from "./support/world.ts";

const contact = "dpo@astrotalk.example, +91 22 5550 1234";
const world = useWorld({ env: { ASTROTALK_GRIEVANCE_CONTACT: contact } });

const purpose = { params: { path: { purpose: "kyc" as const } } };
const noticeIn = (person: Person, language: "en" | "hi", version?: number) =>
  ok(
    person.api.GET("/v1/consents/notices/{purpose}", {
      params: { path: { purpose: "kyc" }, query: { language, ...(version ? { version } : {}) } },
    }),
  );
const agree = async (person: Person, language: "en" | "hi" = "en") => {
  const { version, hash } = await noticeIn(person, language);
  return person.api.POST("/v1/consents/{purpose}", {
    ...purpose,
    body: { version, hash, language, accepted: true },
  });
};
const withdraw = (person: Person) => person.api.DELETE("/v1/consents/{purpose}", purpose);
const history = async (person: Person) => (await ok(person.api.GET("/v1/consents"))).items;

test("law: the notice is there for anybody, in two languages, and its hash is its words'", async () => {
  const stranger = new Person(world());
  const [english, hindi] = [await noticeIn(stranger, "en"), await noticeIn(stranger, "hi")];
  for (const each of [english, hindi]) {
    assert.equal(createHash("sha256").update(JSON.stringify(each.notice)).digest("hex"), each.hash);
    assert.ok(each.notice.items.length >= 7);
    assert.ok(each.notice.sections.some(({ text }) => text.includes(contact)));
    assert.deepEqual(each.languages, ["en", "hi"]);
  }
  assert.equal(english.version, hindi.version);
  assert.match(hindi.notice.title, /पहचान/);
  const unknown = await send(world().base, "GET", "/v1/consents/notices/marketing");
  assert.equal(unknown.status, 404);
  const other = await send(world().base, "GET", "/v1/consents/notices/kyc?language=ta");
  assert.equal(other.status, 422);
});

test("law: consent is given to what was shown, and withdrawn by one call as well", async () => {
  const person = await new Person(world()).enter("astrologer");
  const { version, hash } = await noticeIn(person, "hi");
  const say = (change: object) =>
    person.api.POST("/v1/consents/{purpose}", {
      ...purpose,
      body: { version, hash, language: "hi", accepted: true, ...change },
    });
  await refused(say({ accepted: false }), 422, "invalid_request");
  await refused(say({ version: version + 1 }), 409, "notice_changed");
  await refused(say({ hash: "0".repeat(64) }), 409, "notice_changed");
  await refused(say({ language: "en" }), 409, "notice_changed"); // the hash of other words
  assert.deepEqual(await history(person), []);

  const given = await ok(say({}));
  assert.deepEqual(
    [given.version, given.language, given.hash, given.channel, given.active],
    [version, "hi", hash, "app", true],
  );
  assert.equal((await ok(say({}))).id, given.id);
  for (let i = 0; i < 2; ++i) assert.equal((await withdraw(person)).response.status, 204);
  const [only, ...others] = await history(person);
  assert.equal(others.length, 0);
  assert.equal(only!.active, false);
  assert.ok(only!.withdrawnAt! >= only!.givenAt);
  assert.notEqual((await ok(agree(person))).id, given.id);
  assert.equal((await history(person)).length, 2);
});

test("a page's consent is told from an app's", async () => {
  const person = await new Person(world()).enter("astrologer");
  const { version, hash } = await noticeIn(person, "en");
  const answer = await send(world().base, "POST", "/v1/consents/kyc", {
    headers: {
      authorization: `Bearer ${person.tokens!.access}`,
      "content-type": "application/json",
      origin: world().base,
    },
    body: JSON.stringify({ version, hash, language: "en", accepted: true }),
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await history(person))[0]!.channel, "web");
});

test("law: the sealed log has what was given and what was withdrawn", async () => {
  const person = await new Person(world()).enter("astrologer");
  await ok(agree(person));
  await withdraw(person);
  const mine = `actor_id = '${person.sub}'`;
  const columns = "select actor_id, action, detail from";
  const all = `(${columns} audit_log union all ${columns} audit_pending) a`;
  const ours = `${mine} and action like 'consent.%'`;
  assert.equal(
    await world().query(`select string_agg(action, ' ' order by action) from ${all} where ${ours}`),
    "consent.give consent.withdraw",
  );
  assert.equal(
    await world().query(`select count(*) from ${all} where detail like '%${person.address}%'`),
    "0",
  );
  const verified = await world().command("audit", "verify");
  assert.equal(verified.code, 0, verified.text);
});

test("a changed text asks everybody anew, and what was agreed to before can still be read", async () => {
  const world = await World.open({ env: { ASTROTALK_GRIEVANCE_CONTACT: "first@astrotalk.example" } });
  try {
    const person = await new Person(world).enter("astrologer");
    const first = await ok(agree(person));
    await world.server.stop();
    world.env.ASTROTALK_GRIEVANCE_CONTACT = "second@astrotalk.example";
    await world.startServer();
    const now = await noticeIn(person, "en");
    assert.equal(now.version, first.version + 1);
    const before = await noticeIn(person, "en", first.version);
    assert.equal(before.hash, first.hash);
    assert.match(JSON.stringify(before.notice), /first@astrotalk/);
    const second = await ok(agree(person));
    assert.deepEqual(
      (await history(person)).map(({ id, active }) => [id, active]),
      [
        [second.id, true],
        [first.id, false],
      ],
    );
  } finally {
    await world.close();
  }
});

test("nobody reads or withdraws another's consent, and history comes in pages", async () => {
  const [mine, theirs] = [
    await new Person(world()).enter("astrologer"),
    await new Person(world()).enter("astrologer"),
  ];
  for (let i = 0; i < 3; ++i) {
    await ok(agree(mine));
    await withdraw(mine);
  }
  await ok(agree(theirs));
  const page = await ok(mine.api.GET("/v1/consents", { params: { query: { limit: 2 } } }));
  assert.equal(page.items.length, 2);
  const rest = await ok(mine.api.GET("/v1/consents", { params: { query: { cursor: page.next! } } }));
  assert.equal(rest.items.length, 1);
  await withdraw(mine);
  assert.equal((await history(theirs))[0]!.active, true);
});
