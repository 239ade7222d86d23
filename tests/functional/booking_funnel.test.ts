// How many come how far, from looking at astrologers to a booking, and where they turn back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { book, cancel, hold, listedAstrologer, slotsOf } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { useWorld } from "./support/world.ts";

let admin: Person;
let astrologer: Person;
const world = useWorld({}, async (world) => {
  admin = await world.admin();
  astrologer = await listedAstrologer(world, admin, 100);
});

const day = (offset = 0) => new Date(world().now() + offset * 86_400_000).toISOString().slice(0, 10);
const read = (from = day(), to = day(1)) =>
  admin.api.GET("/v1/admin/bookings/funnel", { params: { query: { from, to } } });

test("each step is counted, and what was refused and cancelled with its code", async () => {
  const [user, rival] = [await new Person(world()).join(), await new Person(world()).join()];
  await ok(user.api.GET("/v1/astrologers"));
  await ok(user.api.GET("/v1/astrologers"));
  await ok(user.api.GET("/v1/astrologers/{id}", { params: { path: { id: astrologer.sub } } }));
  const { items } = await slotsOf(user, astrologer);
  const startsAt = items[20]!.startsAt;
  const key = "the-same-twice";
  const held = await ok(hold(user, astrologer.sub, startsAt, 15, key));
  await ok(hold(user, astrologer.sub, startsAt, 15, key)); // a repetition is none
  await refused(hold(rival, astrologer.sub, startsAt), 409, "slot_taken");
  const booked = await ok(book(user, held.id));
  await ok(cancel(user, booked.id));
  const found = await until(
    "the counts to be added up",
    async () => {
      const report = await ok(read());
      return report.steps.find(({ name }) => name === "hold")!.times > 0 && report;
    },
    20_000,
    500,
  );
  assert.deepEqual(
    found.steps.map(({ name, times }) => [name, times]),
    [
      ["listing", 2],
      ["profile", 1],
      ["slots", 1],
      ["hold", 1],
      ["booked", 1],
      ["completed", 0],
    ],
  );
  assert.equal(found.steps.find(({ name }) => name === "profile")!.rate, 0.5);
  assert.deepEqual(found.refusedHolds, [{ code: "slot_taken", times: 1 }]);
  assert.deepEqual(
    found.cancellations.map(({ by, bookings }) => [by, bookings]),
    [["user", 1]],
  );
  assert.equal(found.cancellationRate, 1);
  const metrics = await (await fetch(`${world().base}/metrics`)).text();
  assert.match(metrics, /astrotalk_booking_steps_total\{step="hold"\} 1\n/);
  assert.match(metrics, /astrotalk_holds_refused_total\{code="slot_taken"\} 1\n/);
  const stored = await world().query(
    "select string_agg(step || code, ' ' order by step, code) from engagement",
  );
  assert.equal(stored, "hold hold_refusedslot_taken listing profile slots");
});

test("a time without anything has nothing, and one that is none is refused", async () => {
  const { steps, refusedHolds, cancellationRate } = await ok(read(day(-30), day(-1)));
  assert.ok(steps.every(({ times }) => times === 0));
  assert.deepEqual([refusedHolds, cancellationRate], [[], undefined]);
  const periods: [string, string][] = [
    [day(), day()],
    [day(1), day()],
    [day(-93), day()],
    ["yesterday", day()],
    [day(), "2026-02-30"],
  ];
  for (const [from, to] of periods) await refused(read(from, to), 422, "invalid_request");
});

test("what was counted last is added when the server stops", async () => {
  const user = await new Person(world()).join();
  await until(
    "the counts before",
    async () => {
      const { steps } = await ok(read());
      return steps[0]!.times > 0;
    },
    20_000,
    500,
  );
  const before = Number(await world().query("select times from engagement where step = 'profile'"));
  await ok(user.api.GET("/v1/astrologers/{id}", { params: { path: { id: astrologer.sub } } }));
  await world().server.stop();
  const after = Number(await world().query("select times from engagement where step = 'profile'"));
  await world().startServer();
  assert.equal(after, before + 1);
});
