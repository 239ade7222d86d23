// What both sides of a booking are told and when, the file for their calendars, and what becomes of bookings
// whose other side is gone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AdminDisableUserCommand } from "@aws-sdk/client-cognito-identity-provider";
import ICAL from "ical.js";
import { book, cancel, hold, listedAstrologer, slotsOf, wallet } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { Operator } from "./support/operator.ts";
import { addJob } from "./support/outbox.ts";
import { Person } from "./support/person.ts";
import { inbox } from "./support/place.ts";
import { until } from "./support/program.ts";
import { EventStream } from "./support/stream.ts";
import { useWorld } from "./support/world.ts";
import type { Schemas } from "@astrotalk/api-client";

let admin: Person;
let astrologer: Person;
const world = useWorld({}, async (world) => {
  admin = await world.admin();
  astrologer = await listedAstrologer(world, admin, 100);
});

async function booked(user: Person, hours: number, by = astrologer): Promise<Schemas["Booking"]> {
  const from = new Date(world().now() + hours * 3600_000).toISOString();
  const { items } = await slotsOf(user, by, 15, from);
  const held = await ok(hold(user, by.sub, items[0]!.startsAt));
  return ok(book(user, held.id));
}

// What the app shows of that booking, oldest first: kinds, and of reminders how long before.
async function news(who: Person, id: string): Promise<string[]> {
  const { items } = await ok(who.api.GET("/v1/notifications", { params: { query: { limit: 100 } } }));
  return items
    .filter(({ params }) => (params as { bookingId?: string }).bookingId === id)
    .map(({ kind, params }) => [kind, (params as { before?: string }).before].filter(Boolean).join(" "))
    .reverse();
}
const has = (who: Person, id: string, wanted: string[], withinMs?: number) =>
  until(
    wanted.join(", "),
    async () => {
      const found = await news(who, id);
      if (found.length < wanted.length) return false;
      assert.deepEqual(found, wanted);
      return true;
    },
    withinMs,
    250,
  );
const texts = async (who: Person, word: string) =>
  (await inbox(world(), who.phone)).filter(({ text }) => text.includes(word));
const idle = () =>
  until("the outbox to be empty", async () => (await world().query("select count(*) from outbox")) === "0");

test("a booking and its cancellation reach both in the app, by its stream and by SMS", async () => {
  const user = await new Person(world()).join();
  const stream = await EventStream.open(user);
  const booking = await booked(user, 30);
  await has(user, booking.id, ["booking.confirmed"]);
  await has(astrologer, booking.id, ["booking.confirmed"]);
  const { items } = await ok(user.api.GET("/v1/notifications"));
  const event = await stream.has(items[0]!.id);
  assert.deepEqual(event.data.params, { bookingId: booking.id, startsAt: booking.startsAt });
  await stream.close();
  await until("both SMS", async () => (await texts(user, "booked with")).length === 1);
  await until("both SMS", async () => (await texts(astrologer, "new booking")).length === 1);
  await ok(cancel(astrologer, booking.id));
  for (const who of [user, astrologer])
    await has(who, booking.id, ["booking.confirmed", "booking.cancelled"]);
  await until("the SMS", async () => (await texts(user, "cancelled your booking")).length === 1);
  await until("the SMS", async () => (await texts(astrologer, "you cancelled")).length === 1);
});

test("what was moved, held or missed is told to both; only the move by SMS, in their language", async () => {
  const user = await new Person(world()).join();
  await ok(
    user.api.PUT("/v1/me/profile", { body: { name: "आशा", language: "hi", city: "Pune", adult: true } }),
  );
  const { id } = await booked(user, 40);
  await addJob(world(), "booking.rescheduled", { bookingId: id });
  await has(user, id, ["booking.confirmed", "booking.rescheduled"]);
  await until("the SMS", async () => (await texts(user, "के साथ आपकी बुकिंग अब")).length === 1);
  await until("the SMS", async () => (await texts(astrologer, "a booking was moved")).length === 1);
  await idle();
  const before = [
    (await inbox(world(), user.phone)).length,
    (await inbox(world(), astrologer.phone)).length,
  ];
  await world().query(`update booking set state = 'completed' where id = '${id}'`);
  await addJob(world(), "booking.completed", { bookingId: id });
  for (const who of [user, astrologer])
    await has(who, id, ["booking.confirmed", "booking.rescheduled", "booking.completed"]);
  await addJob(world(), "booking.no_show", { bookingId: id }); // which is not so
  await idle();
  assert.equal((await news(user, id)).length, 3);
  const after = [
    (await inbox(world(), user.phone)).length,
    (await inbox(world(), astrologer.phone)).length,
  ];
  assert.deepEqual(after, before);
});

// ical.js reads what libical wrote.
async function calendar(who: Person, id: string) {
  const answer = await who.api.GET("/v1/bookings/{id}/calendar.ics", {
    params: { path: { id } },
    parseAs: "text",
  });
  assert.equal(answer.response.status, 200, JSON.stringify(answer.error));
  const text = answer.data as unknown as string;
  for (const line of text.split("\r\n")) assert.ok(Buffer.byteLength(line) <= 75, line);
  const root = ICAL.Component.fromString(text);
  const zones = root.getAllSubcomponents("vtimezone").map((each) => new ICAL.Timezone(each));
  const [event] = root.getAllSubcomponents("vevent");
  return { root, event: new ICAL.Event(event!), zones, text };
}

test("the file for calendars is an event in each side's zone, and is cancelled with it", async () => {
  const newYork = { zone: "America/New_York" };
  const abroad = await listedAstrologer(world(), admin, 100, newYork);
  const [user, other] = [await new Person(world()).join(), await new Person(world()).join()];
  const booking = await booked(user, 30, abroad);
  const sides: [Person, string][] = [
    [user, "Asia/Kolkata"],
    [abroad, "America/New_York"],
  ];
  for (const [who, zone] of sides) {
    const { root, event, zones } = await calendar(who, booking.id);
    assert.equal(root.getFirstPropertyValue("method"), "PUBLISH");
    assert.equal(root.getFirstPropertyValue("version"), "2.0");
    assert.equal(event.uid, `${booking.id}@astrotalk`);
    assert.equal(event.sequence, 0);
    assert.deepEqual(
      zones.map(({ tzid }) => tzid),
      [zone],
    );
    // By the rules in the file alone, and not by ours.
    const at = (time: ICAL.Time) => {
      const { year, month, day, hour, minute, second } = time;
      const local = new ICAL.Time({ year, month, day, hour, minute, second }, zones[0]!);
      return local.toUnixTime() * 1000;
    };
    assert.equal(at(event.startDate), Date.parse(booking.startsAt));
    assert.equal(at(event.endDate), Date.parse(booking.endsAt));
    assert.equal(
      event.component.getFirstSubcomponent("valarm")!.getFirstPropertyValue("action"),
      "DISPLAY",
    );
  }
  const { text } = await calendar(abroad, booking.id);
  for (const personal of ["Asha", user.phone.slice(3), user.sub]) assert.ok(!text.includes(personal));
  for (const nobody of [other, admin])
    await refused(
      nobody.api.GET("/v1/bookings/{id}/calendar.ics", { params: { path: { id: booking.id } } }),
      404,
      "booking_not_found",
    );
  await ok(cancel(user, booking.id));
  const after = await calendar(user, booking.id);
  assert.equal(after.root.getFirstPropertyValue("method"), "CANCEL");
  assert.equal(after.event.component.getFirstPropertyValue("status"), "CANCELLED");
  assert.deepEqual([after.event.uid, after.event.sequence], [`${booking.id}@astrotalk`, 1]);
});

test("a name in Hindi comes whole through the folds of the file", async () => {
  const long = "आचार्य मीरा देवी जोशी उज्जैन वाले ज्योतिषाचार्य महाराज जी";
  await world().query(`update astrologer set display_name = '${long}' where id = '${astrologer.sub}'`);
  const user = await new Person(world()).join();
  const { event } = await calendar(user, (await booked(user, 31)).id);
  assert.equal(event.summary, `AstroTalk consultation with ${long}`);
});

test("whoever booked somebody whom staff disable is told, and has their money back", async () => {
  const gone = await listedAstrologer(world(), admin, 100);
  const user = await new Person(world()).join();
  const booking = await booked(user, 30, gone);
  const operator = new Operator(world());
  await operator.cognito.send(
    new AdminDisableUserCommand({ UserPoolId: operator.UserPoolId, Username: gone.phone }),
  );
  await has(user, booking.id, ["booking.confirmed", "booking.cancelled"]);
  await until("the SMS", async () => (await texts(user, "our team cancelled")).length === 1);
  const found = await ok(user.api.GET("/v1/bookings/{id}", { params: { path: { id: booking.id } } }));
  assert.deepEqual([found.state, found.cancelledBy, found.refund], ["cancelled", "admin", booking.price]);
  // And an apology, here as much as the price.
  const bonus = 10_000 + booking.price;
  assert.deepEqual(await wallet(user), { cash: 0, bonus, held: 0, available: bonus });
});

// The last: it moves the clock by a day.
test("both are reminded a day, an hour and ten minutes before, never of what is cancelled", async () => {
  const user = await new Person(world()).join();
  const [stands, cancelled] = [await booked(user, 26), await booked(user, 27)];
  const goTo = async (minutesBefore: number) => {
    const at = Date.parse(stands.startsAt) - minutesBefore * 60_000;
    await world().advance(Math.ceil((at - world().now()) / 1000));
    for (const who of [user, astrologer]) await who.refresh();
  };
  const told = ["booking.confirmed"];
  const steps: [number, string][] = [
    [24 * 60, "day"],
    [60, "hour"],
    [10, "minutes"],
  ];
  for (const [minutes, before] of steps) {
    await goTo(minutes);
    told.push(`booking.reminder ${before}`);
    for (const who of [user, astrologer]) await has(who, stands.id, told, 20_000);
    if (before === "day") {
      await ok(cancel(user, cancelled.id));
      await has(user, cancelled.id, ["booking.confirmed", "booking.cancelled"]);
    }
  }
  const latest = await booked(user, 0.1);
  await goTo(0);
  await idle();
  assert.deepEqual(await news(user, stands.id), told);
  assert.deepEqual(await news(user, cancelled.id), ["booking.confirmed", "booking.cancelled"]);
  assert.ok(!(await news(user, latest.id)).some((each) => each.endsWith("day") || each.endsWith("hour")));
});
