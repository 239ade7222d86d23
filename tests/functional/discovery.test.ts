// Finding, following, blocking, reporting and reviewing astrologers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { book, hold, listedAstrologer, profile, slotsOf } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { useWorld } from "./support/world.ts";

let admin: Person;
let user: Person;
let vedic: Person;
let tarot: Person;
const world = useWorld(
  { env: { ASTROTALK_IP_RATE: "100000", ASTROTALK_IP_BURST: "100000" } },
  async (world) => {
    admin = await world.admin();
    vedic = await listedAstrologer(world, admin, 600);
    tarot = await listedAstrologer(world, admin, 300);
    user = await new Person(world).join();
    await ok(
      tarot.api.PUT("/v1/astrologer/profile", {
        body: { ...profile, displayName: "आचार्य विनोद", specializations: ["tarot"], city: "Pune" },
      }),
    );
  },
);

const listing = (query: object, who = user) =>
  who.api.GET("/v1/astrologers", { params: { query: query as never } });
const subs = async (query: object, who = user) => {
  const { items } = await ok(listing(query, who));
  return items.map(({ id }) => id).sort();
};
// Once what the check asserts holds.
const settled = (what: string, check: () => Promise<void>) =>
  until(what, () =>
    check().then(
      () => true,
      () => false,
    ),
  );
const both = () => [vedic.sub, tarot.sub].sort();
const at = (id: string) => ({ params: { path: { id } } });

test("a listing is searched, filtered and sorted", async () => {
  await settled("both are listed as they are", async () => {
    assert.deepEqual(await subs({ q: "विनोद" }), [tarot.sub]);
  });
  assert.deepEqual(await subs({}), both());
  assert.deepEqual(await subs({ q: "jyotis" }), [vedic.sub], "a skill, half typed");
  assert.deepEqual(await subs({ q: "टैरो" }), [tarot.sub], "a skill in Hindi");
  assert.deepEqual(await subs({ q: "Mera Josi" }), [vedic.sub], "with typing errors");
  assert.deepEqual(await subs({ specialization: "tarot,vedic" }), both());
  assert.deepEqual(await subs({ city: "pUNE" }), [tarot.sub]);
  assert.deepEqual(await subs({ minPrice: 301 }), [vedic.sub]);
  assert.deepEqual(await subs({ minRating: 4 }), []);
  const byPrice = await ok(listing({ sort: "priceDesc", limit: 1 }));
  assert.equal(byPrice.items[0]!.id, vedic.sub);
  const next = await ok(listing({ sort: "priceDesc", limit: 1, cursor: byPrice.next! }));
  assert.deepEqual([next.items[0]!.id, next.next], [tarot.sub, undefined]);
  await refused(listing({ sort: "rating", cursor: byPrice.next! }), 400, "invalid_cursor");
  await refused(listing({ gender: "m" }), 422, "invalid_request");
  const { total, specializations } = await ok(user.api.GET("/v1/astrologers/counts"));
  assert.equal(total, 2);
  assert.deepEqual(
    specializations.find(({ value }) => value === "tarot"),
    { value: "tarot", count: 1 },
  );
});

test("the next free slot is found and filtered by", async () => {
  await settled("both have a free slot", async () => {
    const { items } = await ok(listing({ sort: "soonest" }));
    assert.ok(items.every(({ nextFreeAt }) => nextFreeAt));
  });
  const soon = new Date(world().now() + 3_600_000).toISOString();
  assert.deepEqual(await subs({ freeBefore: soon }), both());
  assert.deepEqual(await subs({ freeBefore: "2020-01-01T00:00:00Z" }), []);
});

test("who is online is so until the lease ends, and followers are told once", async () => {
  await ok(user.api.PUT("/v1/me/follows/{id}", at(tarot.sub)));
  await ok(tarot.api.PUT("/v1/astrologer/presence", { body: { online: true, channels: ["chat"] } }));
  await settled("the listing shows it", async () => {
    assert.deepEqual(await subs({ online: true, channel: "chat" }), [tarot.sub]);
  });
  assert.deepEqual(await subs({ online: true, channel: "call" }), []);
  const told = async () => {
    const { items } = await ok(user.api.GET("/v1/notifications"));
    return items.filter(({ kind }) => kind === "astrologer.online").length;
  };
  await settled("the follower is told", async () => assert.equal(await told(), 1));
  await ok(tarot.api.DELETE("/v1/astrologer/presence"));
  await ok(tarot.api.PUT("/v1/astrologer/presence", { body: { online: true } }));
  await world().advance(91);
  await settled("nobody stays online by accident", async () => {
    assert.deepEqual(await subs({ online: true }), []);
  });
  assert.equal(await told(), 1, "not again within six hours");
  const { items } = await ok(user.api.GET("/v1/me/follows"));
  assert.deepEqual([items.length, items[0]!.id, items[0]!.online], [1, tarot.sub, false]);
  await ok(user.api.DELETE("/v1/me/follows/{id}", at(tarot.sub)));
  await refused(user.api.PUT("/v1/me/follows/{id}", at(user.sub)), 404, "not_found");
});

test("a blocked pair does not hold, book or see each other, whoever blocked", async () => {
  const other = await new Person(world()).join();
  const { items } = await slotsOf(other, vedic);
  const held = await ok(hold(other, vedic.sub, items[20]!.startsAt));
  await ok(vedic.api.PUT("/v1/me/blocks/{id}", at(other.sub)));
  await refused(book(other, held.id), 409, "hold_expired");
  await refused(hold(other, vedic.sub, items[20]!.startsAt), 409, "pair_blocked");
  await refused(other.api.GET("/v1/astrologers/{id}", at(vedic.sub)), 404, "astrologer_not_found");
  assert.deepEqual(await subs({}, other), [tarot.sub]);
  assert.deepEqual(await subs({}), both(), "others see everybody");
  await ok(vedic.api.DELETE("/v1/me/blocks/{id}", at(other.sub)));
  await ok(other.api.PUT("/v1/me/blocks/{id}", at(vedic.sub)));
  await refused(hold(other, vedic.sub, items[20]!.startsAt), 409, "pair_blocked");
  await ok(other.api.DELETE("/v1/me/blocks/{id}", at(vedic.sub)));
  await ok(hold(other, vedic.sub, items[20]!.startsAt));
  await refused(other.api.PUT("/v1/me/blocks/{id}", at(user.sub)), 404, "not_found");
});

test("a report is open once, and decided once by staff", async () => {
  const report = (text = "He asked for money outside the app") =>
    user.api.POST("/v1/reports", { body: { subjectId: vedic.sub, reason: "contact_outside", text } });
  await refused(report(" "), 422, "invalid_request");
  const answers = await Promise.all(Array.from({ length: 8 }, () => report()));
  assert.equal(answers.filter(({ response }) => response.status === 201).length, 1);
  await refused(report(), 409, "already_reported");
  const query = { reason: "ticket 12" };
  const { items } = await ok(admin.api.GET("/v1/admin/reports", { params: { query } }));
  assert.equal(items[0]!.text, "He asked for money outside the app");
  const decide = () =>
    admin.api.POST("/v1/admin/reports/{id}/resolve", {
      ...at(items[0]!.id),
      body: { state: "upheld", reason: "The chat shows it" },
    });
  await ok(decide());
  await refused(decide(), 409, "already_decided");
  await ok(report());
});

test("only a completed paid consultation is reviewed, and the stars add up", async () => {
  const slots = (await slotsOf(user, tarot)).items;
  const booked = await ok(book(user, (await ok(hold(user, tarot.sub, slots[30]!.startsAt))).id));
  const review = (stars: number, text = "Clear and kind", who = user) =>
    who.api.PUT("/v1/bookings/{id}/review", { ...at(booked.id), body: { stars, text } });
  await refused(review(5), 409, "not_completed");
  await world().query(`update booking set state = 'completed' where id = '${booked.id}'`);
  await refused(review(6), 422, "invalid_request");
  await refused(review(5, "Call me: 98765 43210"), 422, "invalid_request");
  await refused(review(5, "Clear", vedic), 404, "not_found");
  await Promise.all([5, 4, 3, 2, 1].map((stars) => ok(review(stars))));
  const { id } = await ok(review(4));
  const shown = () => ok(user.api.GET("/v1/astrologers/{id}", at(tarot.sub)));
  assert.deepEqual((await shown()).stars, [0, 0, 0, 1, 0]);
  await ok(tarot.api.PUT("/v1/astrologer/reviews/{id}/reply", { ...at(id), body: { text: "धन्यवाद" } }));
  assert.equal((await shown()).reviews[0]!.reply, "धन्यवाद");
  await refused(
    vedic.api.PUT("/v1/astrologer/reviews/{id}/reply", { ...at(id), body: { text: "Thanks" } }),
    404,
    "not_found",
  );
  const decide = (state: "visible" | "held" | "removed") =>
    admin.api.POST("/v1/admin/reviews/{id}/decide", { ...at(id), body: { state, reason: "Disputed" } });
  await ok(decide("held"));
  assert.deepEqual([(await shown()).stars, (await shown()).reviews], [[0, 0, 0, 0, 0], []]);
  await ok(decide("visible"));
  assert.deepEqual((await shown()).stars, [0, 0, 0, 1, 0]);
  await world().query(`update review set created_at = created_at - interval '31 days'`);
  await refused(review(1), 409, "too_late");
});
