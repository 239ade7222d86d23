// The way to a listed profile as its steps tell it, and where earnings go.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Schemas } from "@astrotalk/api-client";
import { alwaysOpen, approve, profile } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { consent } from "./support/kyc.ts";
import { Person } from "./support/person.ts";
import { inbox } from "./support/place.ts";
import { until } from "./support/program.ts";
import { useWorld } from "./support/world.ts";

let admin: Person;
const world = useWorld({}, async (world) => {
  admin = await world.admin();
});

const account: Schemas["PayoutAccountInput"] = {
  holder: "Meera Joshi",
  accountNumber: "5010 0123 4567 89",
  ifsc: "hdfc0001234",
  pan: "abcpk1234f",
};
const save = (who: Person, body = account) => who.api.PUT("/v1/astrologer/payout-account", { body });

async function stepsOf(who: Person): Promise<Record<string, string>> {
  const { items } = await ok(who.api.GET("/v1/astrologer/steps"));
  return Object.fromEntries(items.map(({ name, state }) => [name, state]));
}

test("each step is done when it is, in whatever order", async () => {
  const person = await new Person(world()).join("astrologer");
  const first = await stepsOf(person);
  assert.deepEqual(Object.keys(first), [
    "profile",
    "photo",
    "price",
    "hours",
    "legal_name",
    "consent",
    "kyc",
    "payout_account",
    "review",
  ]);
  assert.deepEqual(new Set(Object.values(first)), new Set(["to_do"]));

  await ok(person.api.PUT("/v1/astrologer/profile", { body: { ...profile, bio: "" } }));
  assert.equal((await stepsOf(person)).profile, "to_do", "half written");
  await ok(person.api.PUT("/v1/astrologer/profile", { body: profile }));
  await ok(person.api.PUT("/v1/astrologer/legal-name", { body: { legalName: "Meera Joshi" } }));
  await consent(person);
  await ok(save(person));
  let now = await stepsOf(person);
  for (const name of ["profile", "legal_name", "consent", "payout_account"])
    assert.equal(now[name], "done");
  for (const name of ["photo", "price", "hours", "kyc", "review"]) assert.equal(now[name], "to_do");

  await ok(person.api.POST("/v1/astrologer/profile/submit"));
  await approve(person, admin);
  await person.refresh();
  await refused(
    person.api.PUT("/v1/astrologer/prices", { body: { call: 900, video: 99 } }),
    422,
    "invalid_request",
  );
  await ok(person.api.PUT("/v1/astrologer/prices", { body: {} }));
  assert.equal((await stepsOf(person)).price, "to_do", "every channel is off");
  const { prices } = await ok(person.api.PUT("/v1/astrologer/prices", { body: { call: 900 } }));
  assert.deepEqual(prices, { call: 900 });
  await ok(person.api.PUT("/v1/astrologer/availability", { body: alwaysOpen }));
  now = await stepsOf(person);
  assert.equal(now.photo, "to_do");
  for (const [name, state] of Object.entries(now)) if (name !== "photo") assert.equal(state, "done", name);
});

test("an account is shown masked, kept sealed, and changed with a trace", async () => {
  const person = await new Person(world()).join("astrologer");
  await refused(save(person), 409, "profile_required");
  await refused(person.api.GET("/v1/astrologer/payout-account"), 404, "not_found");
  await ok(person.api.PUT("/v1/astrologer/profile", { body: profile }));
  const saved = await ok(save(person));
  assert.equal(saved.accountNumber, "••••••6789");
  assert.equal(saved.pan, "ABXXXXXX4F");
  assert.equal(saved.ifsc, "HDFC0001234");
  assert.deepEqual(await ok(person.api.GET("/v1/astrologer/payout-account")), saved);
  const stored = await world().query(
    `select encode(secrets_sealed, 'escape') || ifsc from payout_account where user_id = '${person.sub}'`,
  );
  for (const told of ["50100123456789", "Meera", "ABCPK1234F"]) assert.ok(!stored.includes(told));

  assert.equal(saved.payableFrom, saved.changedAt, "a first account waits for nothing");
  assert.deepEqual(await ok(save(person)), saved, "the same again changes nothing");

  const other = { ...account, accountNumber: "123456789012" };
  const changed = await Promise.all([ok(save(person, other)), ok(save(person, other))]);
  assert.deepEqual(changed[0], changed[1]);
  assert.equal(changed[0].accountNumber, "••••••9012");
  const waits = Date.parse(changed[0].payableFrom) - Date.parse(changed[0].changedAt);
  assert.ok(Math.abs(waits - 86_400_000) < 60_000, `it is kept back for ${waits} ms`);
  await until("its owner to be told", async () => {
    const told = await inbox(world(), person.phone);
    return (
      told.filter(({ text }) => text.includes("bank account for your earnings was changed")).length === 1
    );
  });
  const { items: news } = await ok(person.api.GET("/v1/notifications"));
  assert.deepEqual(
    news.map(({ kind, params }) => [kind, params]),
    [["payout_account.changed", { payableFrom: changed[0].payableFrom }]],
  );
  const { items } = await ok(admin.api.GET("/v1/admin/audit", { params: { query: { limit: 100 } } }));
  const changes = items.filter(
    (row) => row.action === "payout_account.change" && row.subjectId === person.sub,
  );
  assert.equal(changes.length, 2);
});

test("what is wrong with an account is said, and what was typed is not", async () => {
  const person = await new Person(world()).join("astrologer");
  const problem = await refused(
    save(person, { holder: "A", accountNumber: "12x", ifsc: "HDFC", pan: "ABCCK1234F" }),
    422,
    "invalid_request",
  );
  assert.deepEqual(
    problem.errors?.map((each) => each.pointer),
    ["/holder", "/accountNumber", "/ifsc", "/pan"],
  );
  assert.ok(!JSON.stringify(problem).includes("ABCCK"));
});

test("the funnel counts who came how far", async () => {
  const at = async () => {
    const { steps, kycEndings, kycCompletionRate } = await ok(
      admin.api.GET("/v1/admin/onboarding/funnel", { params: { query: { days: 7 } } }),
    );
    return {
      people: Object.fromEntries(steps.map((each) => [each.name, each.people])),
      kycEndings,
      kycCompletionRate,
    };
  };
  const before = (await at()).people;
  const person = await new Person(world()).join("astrologer");
  await ok(person.api.PUT("/v1/astrologer/profile", { body: profile }));
  await consent(person);
  const after = await at();
  const more = (name: string) => after.people[name]! - (before[name] ?? 0);
  for (const name of ["started", "phone_verified", "profile", "consent"]) assert.equal(more(name), 1, name);
  for (const name of ["documents", "kyc_started", "approved"]) assert.equal(more(name), 0, name);
  await refused(
    admin.api.GET("/v1/admin/onboarding/funnel", { params: { query: { days: 0 } } }),
    422,
    "invalid_request",
  );
});

test("an approval ends the tokens that do not know of it, and the next ones do", async () => {
  const person = await new Person(world()).join("astrologer");
  await ok(person.api.PUT("/v1/astrologer/profile", { body: profile }));
  await ok(person.api.POST("/v1/astrologer/profile/submit"));
  const before = person.tokens!;
  await approve(person, admin);
  assert.deepEqual(person.claims["cognito:groups"], ["astrologer"]);
  await ok(person.api.GET("/v1/astrologer/profile"));
  person.tokens = before;
  await until("the old token to be refused", async () => {
    return (await person.api.GET("/v1/astrologer/profile")).response.status === 401;
  });
});
