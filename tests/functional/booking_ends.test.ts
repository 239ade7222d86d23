// How holds and bookings end: what is shown beforehand, moved, checked in, settled, and decided by staff.
import assert from "node:assert/strict";
import { test } from "node:test";
import { book, hold, intent, listedAstrologer, slotsOf, wallet } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { useWorld } from "./support/world.ts";
import type { Schemas } from "@astrotalk/api-client";

let admin: Person;
let astrologer: Person;
let users: Person[];
const world = useWorld(
  { env: { ASTROTALK_IP_RATE: "100000", ASTROTALK_IP_BURST: "100000" } },
  async (world) => {
    admin = await world.admin();
    astrologer = await listedAstrologer(world, admin); // 15 minutes of chat are 9 000 paise
    users = await Promise.all(Array.from({ length: 9 }, () => new Person(world).join()));
  },
);

const at = (id: string) => ({ params: { path: { id } } });
const keyed = (id: string, key?: string) => ({ params: { path: { id }, ...intent(key) } });
const extend = (who: Person, id: string) => who.api.POST("/v1/holds/{id}/extend", keyed(id));
const preview = (who: Person, id: string) => who.api.GET("/v1/bookings/{id}/cancellation", at(id));
const checkIn = (who: Person, id: string) => who.api.POST("/v1/bookings/{id}/check-in", at(id));
const view = (who: Person, id: string) => ok(who.api.GET("/v1/bookings/{id}", at(id)));
const cancelFor = (who: Person, id: string, refund: number) =>
  who.api.POST("/v1/bookings/{id}/cancel", { ...keyed(id), body: { refund } });
const move = (who: Person, id: string, startsAt: string, key?: string) =>
  who.api.POST("/v1/bookings/{id}/reschedule", { ...keyed(id, key), body: { startsAt } });
const decide = (who: Person, id: string, body: Omit<Schemas["OverrideInput"], "reason">) =>
  who.api.POST("/v1/admin/bookings/{id}/override", {
    ...keyed(id),
    body: { ...body, reason: "The recording says so" },
  });

const hours = (instant: string) => (Date.parse(instant) - world().now()) / 3_600_000;
// The first free slot at least so many hours from now.
async function slotIn(user: Person, least: number, by = astrologer) {
  const from = new Date(world().now() + least * 3_600_000).toISOString();
  const slot = (await slotsOf(user, by, 15, from)).items.find(({ startsAt }) => hours(startsAt) > least);
  assert.ok(slot);
  return slot;
}
async function sold(user: Person, least: number, by = astrologer) {
  const held = await ok(hold(user, by.sub, (await slotIn(user, least, by)).startsAt));
  return ok(book(user, held.id));
}
async function goTo(instant: string, minutes = 0) {
  const seconds = Math.ceil((Date.parse(instant) - world().now()) / 1000) + minutes * 60;
  if (seconds > 0) await world().advance(seconds);
  await Promise.all([...users, astrologer, admin].map((each) => each.refresh()));
}

test("a hold is extended once, by its user, and never past the start", async () => {
  const [user, stranger] = users as [Person, Person];
  const held = await ok(hold(user, astrologer.sub, (await slotIn(user, 30)).startsAt));
  assert.equal(held.extended, false);
  await refused(extend(stranger, held.id), 404, "hold_not_found");
  const longer = await ok(extend(user, held.id));
  assert.equal(Date.parse(longer.expiresAt) - Date.parse(held.expiresAt), 300_000);
  assert.equal(longer.extended, true);
  await refused(extend(user, held.id), 409, "hold_extended_before");
  await ok(book(user, held.id));
  await refused(extend(user, held.id), 409, "hold_expired");
});

test("what is shown is what is paid; when it is less by now nothing is done", async () => {
  const user = users[1]!;
  const booked = await sold(user, 30);
  const shown = await ok(preview(user, booked.id));
  assert.deepEqual([shown.refund, shown.bonus, shown.apology], [9_000, 9_000, 0]);
  assert.equal(Date.parse(booked.startsAt) - Date.parse(shown.fullRefundUntil), 24 * 3_600_000);
  assert.equal((await ok(preview(astrologer, booked.id))).apology, 5_000);
  assert.equal(booked.policy?.version, "1");
  await goTo(shown.fullRefundUntil, 1);
  const problem = await refused(cancelFor(user, booked.id, shown.refund), 409, "refund_changed");
  assert.equal((problem as unknown as { refund: number }).refund, 4_500);
  assert.equal((await view(user, booked.id)).state, "confirmed");
  const later = await ok(preview(user, booked.id));
  const cancelled = await ok(cancelFor(user, booked.id, later.refund));
  assert.deepEqual([cancelled.state, cancelled.refund], ["cancelled", 4_500]);
  assert.deepEqual(await wallet(user), { cash: 0, bonus: 5_500, held: 0, available: 5_500 });
  assert.equal((await wallet(astrologer)).earnings, 2_250);
  await refused(preview(user, booked.id), 409, "already_cancelled");
});

test("a booking moves in one step, twice, to free time; a key is answered again", async () => {
  const [user, rival] = [users[2]!, users[3]!];
  const booked = await sold(user, 30);
  const theirs = await sold(rival, 35);
  const { alternatives } = await refused(move(user, booked.id, theirs.startsAt), 409, "slot_taken");
  await refused(move(astrologer, booked.id, alternatives![0]!.startsAt), 403, "forbidden");
  await refused(move(rival, booked.id, alternatives![0]!.startsAt), 404, "booking_not_found");
  await refused(move(user, booked.id, booked.startsAt), 409, "same_time");
  const moved = await ok(move(user, booked.id, alternatives![0]!.startsAt, "move-1"));
  assert.deepEqual(
    [moved.startsAt, moved.price, moved.reschedules],
    [alternatives![0]!.startsAt, booked.price, 1],
  );
  assert.deepEqual(await ok(move(user, booked.id, alternatives![0]!.startsAt, "move-1")), moved);
  await ok(hold(users[4]!, astrologer.sub, booked.startsAt)); // its old time is free
  await ok(move(user, booked.id, alternatives![1]!.startsAt));
  await refused(move(user, booked.id, alternatives![2]!.startsAt), 409, "reschedules_used_up");
  await goTo(theirs.startsAt, -60);
  await refused(move(rival, theirs.id, (await slotIn(rival, 20)).startsAt), 409, "reschedule_too_late");
});

test("who checks in decides how it ends, a quarter of an hour after its end", async () => {
  const [both, alone, absent] = [users[5]!, users[6]!, users[7]!];
  // Not the others' astrologer, whose bookings come to their ends meanwhile.
  const someone = await listedAstrologer(world(), admin);
  const first = await sold(both, 3, someone);
  await refused(checkIn(both, first.id), 409, "check_in_too_early");
  const second = await sold(alone, 3, someone);
  const third = await sold(absent, 3, someone);
  await refused(checkIn(admin, first.id), 403, "forbidden");
  for (const [booked, present] of [
    [first, [both, someone]],
    [second, [alone]],
    [third, [someone]],
  ] as const) {
    await goTo(booked.startsAt, 1);
    await someone.refresh();
    for (const who of present) await ok(checkIn(who, booked.id));
    const again = await ok(checkIn(present[0]!, booked.id));
    assert.ok(again.userCheckedInAt ?? again.astrologerCheckedInAt);
  }
  await goTo(third.endsAt, 16);
  await until("the settler", async () => (await view(absent, third.id)).state !== "confirmed");
  const ends = await Promise.all([view(both, first.id), view(alone, second.id), view(absent, third.id)]);
  assert.deepEqual(
    ends.map(({ state, noShowBy, refund }) => [state, noShowBy, refund]),
    [
      ["completed", undefined, 0],
      ["no_show", "astrologer", 9_000],
      ["no_show", "user", 0],
    ],
  );
  assert.deepEqual(await wallet(alone), { cash: 0, bonus: 15_000, held: 0, available: 15_000 });
  assert.equal((await wallet(someone)).earnings, 4_500 - 10_000 + 4_500);
  await refused(checkIn(both, first.id), 409, "already_settled");
});

test("staff decide with a reason, and give back after the end by a correcting journal", async () => {
  const user = users[8]!;
  const booked = await sold(user, 3);
  const complete = { outcome: "complete" } as const;
  await refused(decide(user, booked.id, complete), 403, "forbidden");
  await refused(decide(admin, booked.id, { outcome: "no_show" }), 422, "invalid_request");
  assert.equal((await ok(decide(admin, booked.id, complete))).state, "completed");
  await refused(decide(admin, booked.id, { outcome: "no_show", side: "user" }), 409, "already_settled");
  const some = await ok(decide(admin, booked.id, { outcome: "refund", amount: 4_001 }));
  assert.deepEqual([some.state, some.refund], ["completed", 4_001]);
  const problem = await refused(
    decide(admin, booked.id, { outcome: "refund", amount: 5_000 }),
    409,
    "refund_too_large",
  );
  assert.equal((problem as unknown as { refund: number }).refund, 4_999);
  assert.equal((await wallet(user)).bonus, 5_001);
  const kinds = (await ok(user.api.GET("/v1/wallet/journals"))).items.map(({ kind }) => kind);
  assert.deepEqual(kinds.slice(0, 3), ["booking.correction", "booking.capture", "booking.hold"]);
});

test("the ledger and the audit chain are proven in the end", async () => {
  const { code, text } = await world().command("ledger", "verify");
  assert.equal(code, 0, text);
  assert.match(text, /platform commission: \d+ paise/);
  const audit = await world().command("audit", "verify");
  assert.equal(audit.code, 0, audit.text);
});
