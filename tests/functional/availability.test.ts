// What an astrologer decides about their time, by the API: rules in full, days of their own, time off over
// bookings; and what a user sees and gets of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { alwaysOpen, book, hold, intent, listedAstrologer, slotsOf, wallet } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { Person } from "./support/person.ts";
import { useWorld } from "./support/world.ts";
import type { Schemas } from "@astrotalk/api-client";

let admin: Person;
let astrologer: Person;
let user: Person;
const world = useWorld(
  { env: { ASTROTALK_IP_RATE: "100000", ASTROTALK_IP_BURST: "100000" } },
  async (world) => {
    admin = await world.admin();
    astrologer = await listedAstrologer(world, admin, 100);
    user = await new Person(world).join();
  },
);

type Availability = Schemas["Availability"];
const hour = 3_600_000;
// The day in India, where the astrologer is, so many days from now.
const dayAhead = (days: number) =>
  new Date(Date.now() + 5.5 * hour + days * 24 * hour).toISOString().slice(0, 10);
const inIndia = (day: string, wall: string) => new Date(`${day}T${wall}:00+05:30`).toISOString();
const after = (instant: string, minutes: number) =>
  new Date(Date.parse(instant) + minutes * 60_000).toISOString();
const same = (a: string, b: string) => Date.parse(a) === Date.parse(b);

const put = (body: unknown, who = astrologer) =>
  who.api.PUT("/v1/astrologer/availability", { body: body as Availability });
const putDay = (date: string, hours: unknown, who = astrologer) =>
  who.api.PUT("/v1/astrologer/availability/overrides/{date}", {
    params: { path: { date } },
    body: { hours } as Schemas["OwnDayInput"],
  });
const takeOff = (body: unknown, key?: string, who = astrologer) =>
  who.api.POST("/v1/astrologer/time-off", { params: intent(key), body: body as Schemas["TimeOffInput"] });

async function pointers(call: Parameters<typeof refused>[0]): Promise<string[]> {
  const problem = await refused(call, 422, "invalid_request");
  return (problem as unknown as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
}

test("the rules are kept whole, and what is left out has its default", async () => {
  const whole: Availability = {
    ...alwaysOpen,
    breaks: [{ day: 1, start: "13:00", end: "14:00" }],
    slotInterval: 20,
    lengths: [30, 60],
    freeMinutes: 5,
    dailyCap: 8,
    weeklyCap: 30,
  };
  assert.deepEqual(await ok(put(whole)), whole);
  assert.deepEqual(await ok(astrologer.api.GET("/v1/astrologer/availability")), whole);
  const bare = await ok(put(alwaysOpen));
  assert.deepEqual(bare, { ...alwaysOpen, breaks: [], slotInterval: 15, lengths: [15, 30, 45, 60] });
});

test("what is wrong with the rules is said by its place", async () => {
  const wrong = {
    ...alwaysOpen,
    breaks: [{ day: 9, start: "14:00", end: "13:00" }],
    slotInterval: 7,
    lengths: [30, 90],
    freeMinutes: 30,
    dailyCap: 0,
    weeklyCap: 501,
  };
  assert.deepEqual(await pointers(put(wrong)), [
    "/breaks/0/day",
    "/breaks/0/end",
    "/slotInterval",
    "/lengths/1",
    "/freeMinutes",
    "/dailyCap",
    "/weeklyCap",
  ]);
  assert.deepEqual(await pointers(put({ ...alwaysOpen, lengths: [] })), ["/lengths"]);
  assert.deepEqual(await pointers(put({ ...alwaysOpen, lengths: ["30"], surprise: 1 })), [
    "/lengths/0",
    "/surprise",
  ]);
});

test("a day of one's own replaces the weekly hours, and is shown on the viewer's calendar", async () => {
  const date = dayAhead(3);
  const day = await ok(putDay(date, [{ start: "23:00", end: "24:00" }]));
  assert.deepEqual(day, { date, hours: [{ start: "23:00", end: "24:00" }] });
  const query = { minutes: 60, channel: "chat", days: 1, from: inIndia(date, "00:00") } as const;
  const path = { id: astrologer.sub };
  const slots = await ok(
    user.api.GET("/v1/astrologers/{id}/slots", {
      params: { path, query: { ...query, zone: "Europe/London" } },
    }),
  );
  // 23:00, then 23:15, 23:30 and 23:45, which run into the weekly hours of the next day.
  assert.equal(slots.items.length, 4);
  assert.equal(slots.viewerZone, "Europe/London");
  const starts = slots.days!.flatMap((each) => {
    for (const start of each.starts) assert.equal(start.slice(0, 10), each.date);
    return each.starts;
  });
  assert.ok(starts.every((start, i) => same(start, slots.items[i]!.startsAt)));
  await refused(hold(user, astrologer.sub, inIndia(date, "10:00")), 409, "slot_not_offered");

  const { items } = await ok(astrologer.api.GET("/v1/astrologer/availability/overrides"));
  assert.deepEqual(items, [day]);
  const remove = () =>
    astrologer.api.DELETE("/v1/astrologer/availability/overrides/{date}", { params: { path: { date } } });
  assert.equal((await remove()).response.status, 204);
  await refused(remove(), 404, "day_not_found");
  await ok(hold(user, astrologer.sub, inIndia(date, "10:00")));
});

test("days and slots that make no sense are refused", async () => {
  for (const date of ["2026-02-30", "yesterday", "2026-1-1"])
    assert.deepEqual(await pointers(putDay(date, [])), ["date"]);
  for (const date of [dayAhead(-2), dayAhead(400)])
    await refused(putDay(date, []), 409, "day_out_of_reach");
  assert.deepEqual(await pointers(putDay(dayAhead(3), [{ start: "10:00", end: "10:00" }, {}])), [
    "/hours/1/start",
    "/hours/1/end",
  ]);
  assert.deepEqual(await pointers(putDay(dayAhead(3), [{ start: "24:00", end: "25:00" }])), [
    "/hours/0/start",
    "/hours/0/end",
  ]);
  const path = { id: astrologer.sub };
  for (const query of [{ zone: "Mars/Olympus" }, { zone: "" }, { free: "perhaps" }, { minutes: 10 }])
    assert.deepEqual(
      await pointers(
        user.api.GET("/v1/astrologers/{id}/slots", {
          params: { path, query: { channel: "chat", ...(query as object) } },
        }),
      ),
      Object.keys(query),
    );
});

test("a length that is off is refused, and a free consultation is had once", async () => {
  const other = await listedAstrologer(world(), admin, 100, { lengths: [60], freeMinutes: 5 });
  const path = { id: other.sub };
  const [slot] = (await slotsOf(user, other, 60, inIndia(dayAhead(5), "09:00"))).items;
  await refused(hold(user, other.sub, slot!.startsAt, 30), 409, "length_not_offered");
  const ask = (startsAt: string, minutes: 5 | 10 | 30 = 5) =>
    user.api.POST("/v1/holds", {
      params: intent(),
      body: { astrologerId: other.sub, startsAt, minutes, channel: "chat", free: true },
    });
  assert.deepEqual(await pointers(ask(slot!.startsAt, 30)), ["/minutes"]);
  await refused(ask(slot!.startsAt, 10), 409, "length_not_offered");
  const free = await ok(
    user.api.GET("/v1/astrologers/{id}/slots", {
      params: { path, query: { channel: "chat", free: true, from: slot!.startsAt } },
    }),
  );
  assert.deepEqual([free.minutes, free.price], [5, 0]);
  const held = await ok(ask(free.items[0]!.startsAt));
  assert.equal(held.price, 0);
  const before = await wallet(user);
  const booked = await ok(book(user, held.id));
  assert.deepEqual([booked.price, booked.minutes], [0, 5]);
  assert.deepEqual(await wallet(user), before);
  await refused(ask(after(slot!.startsAt, 60)), 409, "free_consultation_used");
});

test("a full day is said to be full, and what is offered instead is on another", async () => {
  const other = await listedAstrologer(world(), admin, 100, { dailyCap: 1 });
  const someone = await new Person(world()).join();
  const date = dayAhead(4);
  await ok(hold(someone, other.sub, inIndia(date, "10:00")));
  const full = await refused(hold(user, other.sub, inIndia(date, "18:00")), 409, "fully_booked");
  const instead = full as unknown as { alternatives: Schemas["Slot"][] };
  for (const { startsAt } of instead.alternatives)
    assert.ok(
      Date.parse(startsAt) < Date.parse(inIndia(date, "00:00")) ||
        Date.parse(startsAt) >= Date.parse(inIndia(date, "00:00")) + 24 * hour,
      startsAt,
    );
  const viewer = await new Person(world()).join(); // with nothing else on that day
  assert.equal((await slotsOf(viewer, other, 15, inIndia(date, "00:00"))).items.length, 96);
});

test("time off is refused over a booking until the request says what becomes of it", async () => {
  const other = await listedAstrologer(world(), admin, 100);
  const someone = await new Person(world()).join();
  const start = inIndia(dayAhead(6), "10:00");
  const held = await ok(hold(someone, other.sub, start));
  const booked = await ok(book(someone, held.id));
  const rest = { from: after(start, -60), to: after(start, 60) };
  const problem = await refused(takeOff(rest, undefined, other), 409, "bookings_in_the_way");
  assert.deepEqual((problem as unknown as { bookings: string[] }).bookings, [booked.id]);

  const key = "time-off-once";
  const taken = await ok(takeOff({ ...rest, bookings: "refund" }, key, other));
  assert.deepEqual([taken.refunded, taken.reassigned], [[booked.id], []]);
  assert.deepEqual(await ok(takeOff({ ...rest, bookings: "refund" }, key, other)), taken);
  await refused(takeOff(rest, key, other), 422, "idempotency_key_reused");
  const path = { id: booked.id };
  const now = await ok(someone.api.GET("/v1/bookings/{id}", { params: { path } }));
  assert.deepEqual([now.state, now.cancelledBy, now.refund], ["cancelled", "astrologer", booked.price]);
  assert.equal((await wallet(someone)).held, 0);
  await refused(hold(someone, other.sub, start), 409, "slot_taken");
  await refused(takeOff(rest, undefined, other), 409, "time_off_overlaps");

  const { items } = await ok(other.api.GET("/v1/astrologer/time-off"));
  assert.deepEqual(
    items.map(({ id }) => id),
    [taken.id],
  );
  const end = (who: Person) =>
    who.api.DELETE("/v1/astrologer/time-off/{id}", { params: { path: { id: taken.id } } });
  await refused(end(astrologer), 404, "time_off_not_found");
  assert.equal((await end(other)).response.status, 204);
  await ok(hold(someone, other.sub, start));
});

test("time off gives a booking to somebody alike who is free", async () => {
  const leaving = await listedAstrologer(world(), admin, 250);
  const someone = await new Person(world()).join();
  const held = await ok(hold(someone, leaving.sub, inIndia(dayAhead(7), "10:00")));
  const booked = await ok(book(someone, held.id));
  const rest = { from: held.startsAt, to: held.endsAt, bookings: "reassign" };
  const taken = await ok(takeOff(rest, undefined, leaving));
  assert.deepEqual([taken.refunded, taken.reassigned], [[], [booked.id]]);
  const now = await ok(someone.api.GET("/v1/bookings/{id}", { params: { path: { id: booked.id } } }));
  assert.notEqual(now.astrologerId, leaving.sub);
  assert.deepEqual([now.state, now.startsAt, now.price], ["confirmed", booked.startsAt, booked.price]);
});

test("time off that makes no sense is refused", async () => {
  const from = new Date(Date.now() + hour).toISOString();
  assert.deepEqual(await pointers(takeOff({ from, to: from })), ["/to"]);
  assert.deepEqual(await pointers(takeOff({ from, to: after(from, 400 * 24 * 60) })), ["/to"]);
  assert.deepEqual(await pointers(takeOff({ from: after(from, -240), to: after(from, -120) })), ["/to"]);
  assert.deepEqual(await pointers(takeOff({ from, to: "tomorrow", bookings: "forget", why: 1 })), [
    "/to",
    "/bookings",
    "/why",
  ]);
});
