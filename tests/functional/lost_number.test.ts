// "I lost this number": an account moves to another one, after staff's decision and a waiting time.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import type { ApiClient } from "@astrotalk/api-client";
import { wallet } from "./support/astrologer.ts";
import { ok, refused, rejected } from "./support/expect.ts";
import { diesWithinASecond } from "./support/operator.ts";
import { createAdmin, Person } from "./support/person.ts";
import { apiOf, inbox, nextCode, randomAddress, randomPhone } from "./support/place.ts";
import { until } from "./support/program.ts";
import { useWorld, type World } from "./support/world.ts";

const hour = 3_600;
let admin: Person;
let support: Person;
const world = useWorld(
  { env: { ASTROTALK_SUPPORT_CONTACT: "help@astrotalk.example" } },
  async (world: World) => {
    admin = await world.admin();
    support = await createAdmin(world, undefined, "support");
  },
);

const stranger = (): ApiClient => apiOf(world().base, randomAddress());
const ask = (lostPhone: string, newPhone: string) =>
  ok(stranger().POST("/v1/recoveries", { body: { lostPhone, newPhone } }));
const prove = (id: string, code: string) =>
  stranger().POST("/v1/recoveries/{id}/verify", { params: { path: { id } }, body: { code } });
const view = (id: string, token: string) =>
  stranger().GET("/v1/recoveries/{id}", {
    params: { path: { id }, header: { "x-recovery-token": token } },
  });
async function open(lost: string, to: string) {
  const { recoveryId } = await ask(lost, to);
  return ok(prove(recoveryId, await nextCode(world(), to)));
}
const decide = (by: Person, verdict: "approve" | "reject", id: string, reason = "called them back") =>
  verdict === "approve"
    ? by.api.POST("/v1/admin/recoveries/{id}/approve", { params: { path: { id } }, body: { reason } })
    : by.api.POST("/v1/admin/recoveries/{id}/reject", { params: { path: { id } }, body: { reason } });
const list = (by: Person, reason = "queue") =>
  ok(by.api.GET("/v1/admin/recoveries", { params: { query: { reason, limit: 100 } } }));
const told = (phone: string, words: RegExp) =>
  until(`${phone} to be told ${words}`, async () =>
    (await inbox(world(), phone)).find(({ text }) => words.test(text)),
  );
const stateIs = (recovery: { recoveryId: string; token: string }, state: string) =>
  until(`the recovery to be ${state}`, async () => {
    const now = await ok(view(recovery.recoveryId, recovery.token));
    return now.state === state ? now : undefined;
  });

test("an account moves to a new number: asked, told, approved, waited, moved", async () => {
  const person = await new Person(world()).join();
  const to = randomPhone();
  const asked = await ask(person.phone, to);
  assert.equal(asked.codeSentTo, `+********${to.slice(-4)}`);
  const code = await nextCode(world(), to);
  const wrong = code === "000000" ? "000001" : "000000";
  await refused(prove(asked.recoveryId, wrong), 409, "code_mismatch");
  const lost = await ok(prove(asked.recoveryId, code));
  await refused(prove(asked.recoveryId, code), 410, "code_expired");
  assert.deepEqual(
    [lost.recoveryId, lost.state, lost.next, lost.supportContact],
    [asked.recoveryId, "waiting", "wait", "help@astrotalk.example"],
  );
  assert.ok(Math.abs(Date.parse(lost.earliest) - world().now() - 72 * hour * 1_000) < 60_000);
  const notice = await told(person.phone, /may move to the number ending/);
  assert.ok(notice.text.includes(`ending ${to.slice(-4)}, on `), notice.text);

  const mine = (await list(support, "ticket 12")).items.find(({ id }) => id === lost.recoveryId)!;
  assert.equal(mine.userId, person.sub);
  assert.deepEqual(
    [mine.lostPhone.slice(-4), mine.newPhone.slice(-4)],
    [person.phone.slice(-4), to.slice(-4)],
  );
  assert.ok(!mine.lostPhone.includes(person.phone.slice(3, 9)));
  assert.deepEqual([mine.cash, mine.bonus, mine.others, mine.hasSecondFactor], [0, 10_000, 0, false]);
  assert.ok(Math.abs(Date.parse(mine.lastSignIn!) - world().now()) < 60_000);
  await refused(decide(support, "approve", lost.recoveryId), 403, "forbidden");
  await refused(decide(admin, "approve", lost.recoveryId, " "), 422, "invalid_request");
  assert.equal((await ok(decide(admin, "approve", lost.recoveryId))).state, "approved");
  await refused(decide(admin, "approve", lost.recoveryId), 409, "not_open");

  await world().advance(71.5 * hour);
  await person.refresh(); // for an hour
  assert.equal((await ok(view(lost.recoveryId, lost.token))).state, "approved");
  await world().advance(0.6 * hour);
  const moved = await stateIs(lost, "moved");
  assert.equal(moved.next, "sign_in");
  await diesWithinASecond(person);
  await rejected(person.useRefreshToken(), "NotAuthorizedException");
  await told(person.phone, /no longer with this one/);
  await told(to, /has moved to this number/);
  const again = await new Person(world(), to).signIn();
  assert.equal(again.sub, person.sub);
  assert.equal((await wallet(again)).bonus, 10_000);
  assert.equal((await ok(again.api.GET("/v1/me"))).phone, to);

  await admin.refresh();
  const trail = await ok(admin.api.GET("/v1/admin/audit", { params: { query: { limit: 100 } } }));
  const steps = trail.items.filter(({ subjectId }) => subjectId === lost.recoveryId);
  assert.deepEqual(steps.map(({ action }) => action).reverse(), [
    "recovery.ask",
    "code.wrong",
    "recovery.open",
    "recovery.approve",
    "recovery.move",
  ]);
  const approval = steps.find(({ action }) => action === "recovery.approve")!;
  assert.deepEqual([approval.actorId, approval.reason], [admin.sub, "called them back"]);
  const read = trail.items.find(({ action }) => action === "admin.read_recoveries")!;
  assert.deepEqual([read.actorId, read.actorRole, read.reason], [support.sub, "support", "ticket 12"]);
});

test("whoever signs in with the number stops it, and its asker is told nothing", async () => {
  await admin.refresh();
  const person = await new Person(world()).join();
  const lost = await open(person.phone, randomPhone());
  await told(person.phone, /Sign in with this number to stop it/);
  await person.signIn();
  await refused(decide(admin, "approve", lost.recoveryId), 409, "not_open");
  assert.equal((await ok(view(lost.recoveryId, lost.token))).state, "waiting");
  assert.ok(!(await list(admin)).items.some(({ id }) => id === lost.recoveryId));
  await ok(person.api.GET("/v1/me"));
});

test("a number that nobody has, staff's and a user's are answered alike", async () => {
  await admin.refresh();
  const person = await new Person(world()).join();
  const shapes = [];
  for (const lost of [person.phone, randomPhone(), admin.phone]) {
    const to = randomPhone();
    const asked = await ask(lost, to);
    const proved = await ok(prove(asked.recoveryId, await nextCode(world(), to)));
    const seen = await ok(view(proved.recoveryId, proved.token));
    assert.equal((await inbox(world(), to)).length, 1, "a code and nothing else");
    shapes.push(
      [asked, proved, seen].map((each) => Object.entries(each).map(([name, x]) => [name, typeof x])),
    );
    assert.deepEqual([seen.state, seen.next], ["waiting", "wait"]);
    assert.equal(Date.parse(seen.closesAt) - Date.parse(seen.earliest), (14 * 24 - 72) * hour * 1_000);
  }
  assert.deepEqual(shapes[1], shapes[0]);
  assert.deepEqual(shapes[2], shapes[0]);
  const ids = (await list(admin)).items.map(({ userId }) => userId);
  assert.ok(ids.includes(person.sub) && !ids.includes(admin.sub));
});

test("the state is shown to who has the token; a number with an account is refused", async () => {
  const person = await new Person(world()).join();
  const other = await new Person(world()).join();
  const lost = await open(person.phone, randomPhone());
  for (const [id, token] of [
    [lost.recoveryId, lost.token.replaceAll(/./g, "A")],
    [lost.recoveryId, "short"],
    [randomUUID(), lost.token],
    ["nonsense", lost.token],
  ] as const)
    await refused(view(id, token), 404, "not_found");
  const { recoveryId } = await ask(person.phone, other.phone);
  await refused(prove(recoveryId, await nextCode(world(), other.phone)), 409, "number_taken");
  await refused(prove("nonsense", "123456"), 410, "code_expired");
  for (const [lostPhone, newPhone, pointer] of [
    ["98765", randomPhone(), "/lostPhone"],
    [randomPhone(), "+1 212 555 0100", "/newPhone"],
    [person.phone, person.phone, "/newPhone"],
  ] as const) {
    const body = { lostPhone, newPhone };
    const problem = await refused(stranger().POST("/v1/recoveries", { body }), 422, "invalid_request");
    assert.equal(problem.errors![0]!.pointer, pointer);
  }
});

test("codes to a new number are limited like all others", async () => {
  const to = randomPhone();
  for (let i = 0; i < 3; ++i) await ask(randomPhone(), to);
  const body = { lostPhone: randomPhone(), newPhone: to };
  const problem = await refused(stranger().POST("/v1/recoveries", { body }), 429, "too_many_codes");
  assert.ok((problem as unknown as { retryAfter: number }).retryAfter > 0);
});

test("an approval is taken back before the account has moved, and then it never does", async () => {
  await admin.refresh();
  const person = await new Person(world()).join();
  const lost = await open(person.phone, randomPhone());
  await ok(decide(admin, "approve", lost.recoveryId));
  await ok(decide(admin, "reject", lost.recoveryId, "the owner called"));
  await refused(decide(admin, "reject", lost.recoveryId), 409, "not_open");
  await refused(decide(admin, "reject", randomUUID()), 404, "not_found");
  assert.equal((await stateIs(lost, "closed")).next, "contact_support");
  const other = await new Person(world()).join();
  const moves = await open(other.phone, randomPhone());
  await ok(decide(admin, "approve", moves.recoveryId));
  await world().advance(73 * hour);
  await stateIs(moves, "moved"); // so the schedule has run
  await person.signIn();
});
