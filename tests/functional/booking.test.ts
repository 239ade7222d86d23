// Booking under contention and with money: what can be raced on is raced on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { book, cancel, hold, listedAstrologer, slotsOf, wallet } from "./support/astrologer.ts";
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
    astrologer = await listedAstrologer(world, admin);
    users = await Promise.all(Array.from({ length: rivals }, () => new Person(world).join()));
  },
);
const rivals = 24;

const minutesFrom = (instant: string, minutes: number) =>
  new Date(Date.parse(instant) + minutes * 60_000).toISOString();
const overlaps = (a: Schemas["Slot"], b: Schemas["Slot"]) =>
  Date.parse(a.startsAt) < Date.parse(b.endsAt) && Date.parse(b.startsAt) < Date.parse(a.endsAt);

async function freeSlots(user = users[0]!, minutes: 15 | 30 = 15) {
  return (await slotsOf(user, astrologer, minutes)).items;
}

test("overlapping times raced for have one winner; the others get free alternatives", async () => {
  for (let round = 0; round < 10; ++round) {
    const slot = (await freeSlots())[10]!;
    const answers = await Promise.all(
      users.map((user, i) => hold(user, astrologer.sub, slot.startsAt, i % 3 === 0 ? 30 : 15)),
    );
    const won = answers.filter(({ response }) => response.status === 201);
    assert.equal(won.length, 1, `${won.length} winners in round ${round}`);
    for (const { response, error } of answers) {
      if (response.status === 201) continue;
      assert.equal(response.status, 409);
      const problem = error as unknown as { code: string; alternatives: Schemas["Slot"][] };
      assert.equal(problem.code, "slot_taken");
      assert.ok(problem.alternatives.length >= 1 && problem.alternatives.length <= 5);
      for (const each of problem.alternatives)
        assert.ok(!overlaps(each, won[0]!.data!), "an alternative is the taken one");
    }
    const winner = users[answers.indexOf(won[0]!)]!;
    await winner.api.DELETE("/v1/holds/{id}", { params: { path: { id: won[0]!.data!.id } } });
  }
});

test("racing all the way to bookings sells each time once, and the money agrees", async () => {
  const slot = (await freeSlots())[100]; // more than a day away: cancelling costs nothing
  const starts = [slot!.startsAt, minutesFrom(slot!.startsAt, 15), minutesFrom(slot!.startsAt, 30)];
  const outcomes = await Promise.all(
    users.map(async (user, i) => {
      const held = await hold(user, astrologer.sub, starts[i % 3]!, 15);
      return held.data ? { user, booked: await ok(book(user, held.data.id)) } : undefined;
    }),
  );
  const sold = outcomes.filter((each) => each !== undefined);
  assert.equal(sold.length, 3);
  for (const { user, booked } of sold) {
    const { held, available } = await wallet(user);
    assert.deepEqual([held, available], [booked.price, 10_000 - booked.price]);
  }
  const overlapping = await world().query(
    `select count(*) from occupancy a join occupancy b on a.id < b.id and a.astrologer_id = b.astrologer_id
     and a.blocked && b.blocked where a.status = 'active' and b.status = 'active'`,
  );
  assert.equal(overlapping, "0");
  for (const { user, booked } of sold) await ok(cancel(user, booked.id));
});

test("alternatives are the nearest, both ways, and can be held", async () => {
  const [holder, asker] = users as [Person, Person];
  const slot = (await freeSlots(holder))[20]!;
  await ok(hold(holder, astrologer.sub, slot.startsAt));
  const { alternatives } = await refused(hold(asker, astrologer.sub, slot.startsAt), 409, "slot_taken");
  const starts = alternatives!.map(({ startsAt }) => Date.parse(startsAt) - Date.parse(slot.startsAt));
  assert.ok(
    starts.some((distance) => distance < 0) && starts.some((distance) => distance > 0),
    `${starts}`,
  );
  const held = await ok(hold(asker, astrologer.sub, alternatives![0]!.startsAt));
  assert.equal(held.startsAt, alternatives![0]!.startsAt);
});

test("a time outside the hours, the notice or the grid is not offered", async () => {
  const user = users[2]!;
  const slot = (await freeSlots(user))[30]!;
  const asked = [
    minutesFrom(slot.startsAt, 7), // off the grid
    minutesFrom(slot.startsAt, 60 * 24 * 200), // beyond the window
    minutesFrom(slot.startsAt, -60 * 24 * 30), // in the past
  ];
  for (const startsAt of asked) {
    await refused(hold(user, astrologer.sub, startsAt), 409, "slot_not_offered");
  }
  await refused(hold(astrologer, astrologer.sub, slot.startsAt), 403, "forbidden");
  const nobody = "0193a5b2-7c1e-7d3a-9b55-2f1a6c0d4e8f";
  await refused(hold(user, nobody, slot.startsAt), 404, "astrologer_not_found");
});

test("each channel has its price; one that is off is refused, and a hold keeps what it showed", async () => {
  const user = users[20]!;
  const other = await listedAstrologer(world(), admin, 100); // calls for 200, no video
  const { items } = await slotsOf(user, other);
  const calls = await slotsOf(user, other, 15, undefined, "call");
  assert.deepEqual([calls.channel, calls.price, calls.items.length], ["call", 3_000, items.length]);
  const startsAt = items[30]!.startsAt;
  await refused(hold(user, other.sub, startsAt, 15, undefined, "video"), 409, "channel_not_offered");
  await refused(
    user.api.GET("/v1/astrologers/{id}/slots", {
      params: { path: { id: other.sub }, query: { channel: "video" } },
    }),
    409,
    "channel_not_offered",
  );

  const held = await ok(hold(user, other.sub, startsAt, 15, undefined, "call"));
  assert.deepEqual([held.channel, held.pricePerMinute, held.price], ["call", 200, 3_000]);
  await ok(other.api.PUT("/v1/astrologer/prices", { body: { chat: 100_000 } }));
  const another = items[40]!.startsAt;
  await refused(hold(user, other.sub, another, 15, undefined, "call"), 409, "channel_not_offered");
  const booked = await ok(book(user, held.id));
  assert.deepEqual([booked.channel, booked.pricePerMinute, booked.price], ["call", 200, 3_000]);
  for (const list of [
    await ok(user.api.GET("/v1/bookings")),
    await ok(other.api.GET("/v1/astrologer/bookings")),
  ])
    assert.equal(list.items.find(({ id }) => id === booked.id)?.channel, "call");

  await ok(other.api.PUT("/v1/astrologer/prices", { body: {} }));
  await refused(hold(user, other.sub, another), 404, "astrologer_not_found");
});

test("the listing is filtered and sorted by the price of a channel", async () => {
  const cheap = await listedAstrologer(world(), admin, 150);
  const dear = await listedAstrologer(world(), admin, 300);
  await ok(dear.api.PUT("/v1/astrologer/prices", { body: { video: 151 } }));
  const ours = [cheap.sub, dear.sub];
  type Query = { sort?: "price"; channel?: Schemas["Channel"]; minPrice?: number; maxPrice?: number };
  const found = async (query: Query) => {
    const page = await ok(
      cheap.api.GET("/v1/astrologers", { params: { query: { limit: 100, ...query } } }),
    );
    return page.items.filter(({ id }) => ours.includes(id));
  };
  const ids = async (query: Query) => (await found(query)).map(({ id }) => id);
  await until("the cached pages to be new", async () => (await found({}))[1]?.prices.video === 151);
  assert.deepEqual(await ids({ sort: "price" }), ours);
  assert.deepEqual(await ids({ sort: "price", minPrice: 151 }), [dear.sub]);
  assert.deepEqual(await ids({ channel: "video" }), [dear.sub]);
  assert.deepEqual(await ids({ channel: "call", minPrice: 300, maxPrice: 300 }), [cheap.sub]);
  assert.deepEqual(await ids({ channel: "call", maxPrice: 299 }), []);
  const first = await ok(
    cheap.api.GET("/v1/astrologers", { params: { query: { sort: "price", limit: 1 } } }),
  );
  const rest = await ok(
    cheap.api.GET("/v1/astrologers", {
      params: { query: { sort: "price", limit: 100, cursor: first.next! } },
    }),
  );
  const least = [...first.items, ...rest.items].map(({ prices }) => Math.min(...Object.values(prices)));
  assert.deepEqual(
    least,
    least.toSorted((a, b) => a - b),
  );
  assert.equal(new Set([...first.items, ...rest.items].map(({ id }) => id)).size, least.length);
});

test("a new hold replaces one's own, and one's own never refuses another choice", async () => {
  const user = users[3]!;
  const slots = await freeSlots(user);
  const first = await ok(hold(user, astrologer.sub, slots[40]!.startsAt));
  const second = await ok(hold(user, astrologer.sub, slots[40]!.startsAt, 30)); // overlaps the first
  await refused(
    user.api.GET("/v1/holds/{id}", { params: { path: { id: first.id } } }),
    404,
    "hold_not_found",
  );
  assert.equal(
    (await ok(user.api.GET("/v1/holds/{id}", { params: { path: { id: second.id } } }))).minutes,
    30,
  );
  await refused(book(user, first.id), 404, "hold_not_found").catch(() =>
    refused(book(user, first.id), 409, "hold_expired"),
  );
  const stranger = users[4]!;
  await refused(
    stranger.api.GET("/v1/holds/{id}", { params: { path: { id: second.id } } }),
    404,
    "hold_not_found",
  );
  await refused(book(stranger, second.id), 404, "hold_not_found");
});

test("a hold ends by itself: its time is free again and it cannot be booked", async () => {
  const [user, next] = [users[5]!, users[6]!];
  const slot = (await freeSlots(user))[50]!;
  const held = await ok(hold(user, astrologer.sub, slot.startsAt));
  const life = Date.parse(held.expiresAt) - Date.now();
  await world().advance(Math.ceil(life / 1000) + 700);
  await refused(book(user, held.id), 409, "hold_expired");
  await ok(hold(next, astrologer.sub, slot.startsAt));
});

test("a user cannot be in two consultations at once", async () => {
  const user = users[7]!;
  const other = await listedAstrologer(world(), admin, 100);
  const slot = (await freeSlots(user))[60]!;
  const held = await ok(hold(user, astrologer.sub, slot.startsAt));
  await ok(book(user, held.id));
  await refused(hold(user, other.sub, slot.startsAt), 409, "user_busy");
  await ok(hold(user, other.sub, minutesFrom(slot.startsAt, 15)));
});

test("who is short of money is told by how much; nothing is set aside and the hold stays", async () => {
  const user = users[8]!;
  const slot = (await freeSlots(user, 30))[70]!;
  const held = await ok(hold(user, astrologer.sub, slot.startsAt, 30));
  const problem = await refused(book(user, held.id), 402, "insufficient_funds");
  assert.deepEqual([problem.price, problem.available, problem.shortBy], [18_000, 10_000, 8_000]);
  assert.deepEqual(await wallet(user), { cash: 0, bonus: 10_000, held: 0, available: 10_000 });
  await ok(user.api.GET("/v1/holds/{id}", { params: { path: { id: held.id } } }));
});

test("parallel bookings of one hold make one booking and set its price aside once", async () => {
  const user = users[9]!;
  const slot = (await freeSlots(user))[80]!;
  const held = await ok(hold(user, astrologer.sub, slot.startsAt));
  const answers = await Promise.all(Array.from({ length: 20 }, () => book(user, held.id)));
  assert.equal(answers.filter(({ response }) => response.status === 201).length, 1);
  assert.ok(answers.every(({ response }) => response.status < 500));
  assert.equal((await wallet(user)).held, held.price);
});

test("parallel cancellations by both sides give the money back once", async () => {
  const user = users[10]!;
  const slot = (await freeSlots(user))[120]!; // more than a day away
  const booked = await ok(book(user, (await ok(hold(user, astrologer.sub, slot.startsAt))).id));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      cancel(i % 2 ? user : astrologer, booked.id, i % 2 ? "mine" : "theirs"),
    ),
  );
  assert.equal(answers.filter(({ response }) => response.status === 200).length, 1);
  for (const { response, error } of answers) {
    if (response.status !== 200)
      assert.equal((error as unknown as { code: string }).code, "already_cancelled");
  }
  // When the astrologer was first, the user has an apology besides.
  const winner = answers.find(({ response }) => response.status === 200)!.data!;
  const bonus = winner.cancelledBy === "astrologer" ? 15_000 : 10_000;
  assert.deepEqual(await wallet(user), { cash: 0, bonus, held: 0, available: bonus });
  const { items } = await ok(user.api.GET("/v1/wallet/journals"));
  assert.ok(items.every(({ postings }) => postings.length > 0));
});

test("a booking is for its user, its astrologer and staff; once begun it cannot be cancelled", async () => {
  const [user, stranger] = [users[11]!, users[12]!];
  const slot = (await freeSlots(user))[84]!;
  const booked = await ok(book(user, (await ok(hold(user, astrologer.sub, slot.startsAt))).id));
  const path = { params: { path: { id: booked.id } } };
  for (const who of [user, astrologer, admin]) {
    assert.equal((await ok(who.api.GET("/v1/bookings/{id}", path))).id, booked.id);
  }
  await refused(stranger.api.GET("/v1/bookings/{id}", path), 404, "booking_not_found");
  await refused(cancel(stranger, booked.id), 404, "booking_not_found");
  const wait = Date.parse(slot.startsAt) - Date.now();
  await world().advance(Math.ceil(wait / 1000) + 60);
  await user.refresh();
  await refused(cancel(user, booked.id), 409, "too_late");
});

test("pages of bookings are whole and without repetition", async () => {
  const user = await new Person(world()).join();
  await astrologer.refresh();
  const made: string[] = [];
  const cheap = await listedAstrologer(world(), await world().admin(), 100);
  const { items } = await slotsOf(user, cheap);
  for (let i = 0; i < 5; ++i) {
    made.unshift((await ok(book(user, (await ok(hold(user, cheap.sub, items[i + 4]!.startsAt))).id))).id);
  }
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 2, ...(cursor ? { cursor } : {}) };
    const page = await ok(user.api.GET("/v1/bookings", { params: { query } }));
    assert.ok(page.items.length <= 2);
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor);
  assert.deepEqual(seen, made);
});

test("both sides are told by SMS, and both proofs hold in the end", async () => {
  await until(
    "the outbox to be empty",
    async () => (await world().query("select count(*) from outbox")) === "0",
  );
  for (const log of ["ledger", "audit"]) {
    const { code, text } = await world().command(log, "verify");
    assert.equal(code, 0, text);
  }
});
