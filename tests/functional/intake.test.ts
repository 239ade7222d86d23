// Birth profiles, and what a user gives to an astrologer along with a booking.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { book, cancel, hold, listedAstrologer, slotsOf } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { createAdmin, Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { useWorld } from "./support/world.ts";
import type { Schemas } from "@astrotalk/api-client";

let admin: Person;
let support: Person;
let astrologer: Person;
const world = useWorld({}, async (world) => {
  admin = await world.admin();
  support = await createAdmin(world, undefined, "support");
  astrologer = await listedAstrologer(world, admin, 100);
});

const asha: Schemas["BirthInput"] = {
  name: "Asha Vishvanath",
  relation: "self",
  gender: "female",
  birthDate: "1990-02-28",
  birthTime: "06:40",
  timeUnknown: false,
  place: { name: "Ujjain", latitude: 23.1793, longitude: 75.7849, zone: "Asia/Kolkata" },
};
const question = "विवाह कब होगा?\nAnd where?";

const add = (who: Person, change: Partial<Schemas["BirthInput"]> = {}) =>
  who.api.POST("/v1/me/birth-profiles", { body: { ...asha, ...change } });
const at = (id: string) => ({ params: { path: { id } } });
const give = (who: Person, id: string, body: Schemas["IntakeInput"]) =>
  who.api.PUT("/v1/bookings/{id}/intake", { ...at(id), body });
const see = (who: Person, id: string) => who.api.GET("/v1/bookings/{id}/intake", at(id));
const seeAsStaff = (who: Person, id: string, reason: string) =>
  who.api.GET("/v1/admin/bookings/{id}/intake", { params: { path: { id }, query: { reason } } });

async function booked(user: Person, hours = 30) {
  const from = new Date(world().now() + hours * 3600_000).toISOString();
  const { items } = await slotsOf(user, astrologer, 15, from);
  const held = await ok(hold(user, astrologer.sub, items[0]!.startsAt));
  return ok(book(user, held.id));
}

test("birth profiles are kept, changed and removed, and are their owner's alone", async () => {
  const [user, other] = [await new Person(world()).join(), await new Person(world()).join()];
  const made = await ok(add(user));
  assert.deepEqual(made.birth, { ...asha, bornAt: "1990-02-28T01:10:00Z", utcOffset: "+05:30" });
  const mother = await ok(
    add(user, { name: "Radha", relation: "parent", birthDate: "1943-06-01", place: asha.place }),
  );
  assert.equal(mother.birth.utcOffset, "+06:30"); // clocks were an hour ahead in the war
  const { birthTime: _, gender: __, ...untimed } = asha;
  const child = await ok(
    user.api.POST("/v1/me/birth-profiles", { body: { ...untimed, timeUnknown: true } }),
  );
  assert.deepEqual([child.birth.bornAt, child.birth.birthTime], [undefined, undefined]);
  const { items } = await ok(user.api.GET("/v1/me/birth-profiles"));
  assert.deepEqual(
    items.map(({ id }) => id),
    [made.id, mother.id, child.id],
  );
  assert.deepEqual((await ok(other.api.GET("/v1/me/birth-profiles"))).items, []);
  const change = { ...at(made.id), body: { ...asha, name: "Asha R" } };
  await refused(other.api.PUT("/v1/me/birth-profiles/{id}", change), 404, "birth_profile_not_found");
  assert.equal((await ok(user.api.PUT("/v1/me/birth-profiles/{id}", change))).birth.name, "Asha R");
  const remove = (who: Person) => who.api.DELETE("/v1/me/birth-profiles/{id}", at(made.id));
  await refused(remove(other), 404, "birth_profile_not_found");
  assert.equal((await remove(user)).response.status, 204);
  await refused(remove(user), 404, "birth_profile_not_found");
});

test("ten are kept, however many are sent at once", async () => {
  const user = await new Person(world()).join();
  const answers = await Promise.all(Array.from({ length: 14 }, () => add(user)));
  assert.equal(answers.filter(({ response }) => response.status === 201).length, 10);
  await refused(add(user), 409, "too_many_birth_profiles");
});

test("what is not a birth is refused by all its faults", async () => {
  const user = await new Person(world()).join();
  const faults = async (change: Partial<Schemas["BirthInput"]>) => {
    const problem = await refused(add(user, change), 422, "invalid_request");
    return problem.errors!.map(({ pointer }) => pointer);
  };
  assert.deepEqual(await faults({ name: " ", birthDate: "1990-02-29", birthTime: "24:00" }), [
    "/name",
    "/birthDate",
    "/birthTime",
  ]);
  const place = { ...asha.place, latitude: 91, zone: "Asia/Ujjain" };
  assert.deepEqual(await faults({ place }), ["/place/latitude", "/place/zone"]);
  const newYork = { ...asha.place, zone: "America/New_York" };
  const forward = { birthDate: "2024-03-10", birthTime: "02:30", place: newYork };
  assert.deepEqual(await faults(forward), ["/birthTime"]);
  assert.deepEqual(await faults({ timeUnknown: true }), ["/birthTime"]);
  const back = { birthDate: "2024-11-03", birthTime: "01:30", place: newYork };
  assert.equal((await ok(add(user, back))).birth.utcOffset, "-04:00");
  assert.equal((await ok(add(user, { ...back, whichOfTwo: "second" }))).birth.utcOffset, "-05:00");
  await refused(add(user, { name: "2341 2341 2346" }), 422, "aadhaar_number_not_accepted");
});

test("an astrologer sees what was given for that booking, and nobody else does", async () => {
  const [user, other] = [await new Person(world()).join(), await new Person(world()).join()];
  const stranger = await listedAstrologer(world(), admin, 100);
  const { id } = await booked(user);
  await refused(see(user, id), 404, "intake_not_found");
  const profile = await ok(add(user));
  const given = await ok(give(user, id, { birthProfileId: profile.id, question }));
  assert.deepEqual([given.bookingId, given.question, given.birth?.name], [id, question, asha.name]);
  await user.api.DELETE("/v1/me/birth-profiles/{id}", at(profile.id));
  assert.deepEqual(await ok(see(astrologer, id)), given);
  assert.deepEqual(await ok(see(user, id)), given);
  for (const who of [other, stranger, admin, support])
    await refused(see(who, id), 404, "booking_not_found");
  await refused(give(other, id, { question }), 404, "booking_not_found");
  await refused(give(astrologer, id, { question }), 404, "booking_not_found");
  const theirs = await ok(add(other));
  await refused(give(user, id, { birthProfileId: theirs.id }), 404, "birth_profile_not_found");
  await refused(give(user, id, { question: "2341 2341 2346" }), 422, "aadhaar_number_not_accepted");
  await refused(give(user, id, { question: "x".repeat(2001) }), 422, "invalid_request");
  const less = await ok(give(user, id, { question: "Where?" }));
  assert.deepEqual([less.birth, less.question], [undefined, "Where?"]);

  const stored = await world().query(
    "select string_agg(convert_from(question_sealed, 'LATIN1'), '') from intake",
  );
  assert.ok(!stored.includes("Where?"));
});

test("staff read it for a reason that goes into the audit log", async () => {
  const user = await new Person(world()).join();
  const { id } = await booked(user);
  await ok(give(user, id, { question }));
  const reason = `complaint ${randomUUID()}`;
  assert.equal((await ok(seeAsStaff(support, id, reason))).question, question);
  await refused(seeAsStaff(support, id, ""), 422, "invalid_request");
  await refused(seeAsStaff(user, id, reason), 403, "forbidden");
  await refused(seeAsStaff(admin, randomUUID(), reason), 404, "intake_not_found");
  const { items } = await ok(admin.api.GET("/v1/admin/audit"));
  const reads = items.filter((each) => each.reason === reason);
  assert.deepEqual(
    reads.map(({ action, actorId, subjectId, detail }) => [action, actorId, subjectId, detail]),
    [["admin.read_intake", support.sub, id, { user: user.sub }]],
  );
});

test("it is closed by the cancellation and by the start, and hidden three days after the end", async () => {
  const user = await new Person(world()).join();
  const first = await booked(user);
  await ok(give(user, first.id, { question }));
  await ok(cancel(user, first.id));
  await refused(give(user, first.id, { question }), 409, "already_cancelled");
  await refused(see(astrologer, first.id), 404, "intake_not_found");
  await ok(see(user, first.id));

  const second = await booked(user, 1);
  await ok(give(user, second.id, { question }));
  await world().advance(Math.ceil((Date.parse(second.startsAt) - world().now()) / 1000) + 1);
  for (const who of [user, astrologer]) await who.refresh();
  await refused(give(user, second.id, { question: "Too late?" }), 409, "too_late");
  assert.equal((await ok(see(astrologer, second.id))).question, question);
  await world().advance(3 * 86_400 + 15 * 60);
  for (const who of [user, astrologer]) await who.refresh();
  await refused(see(astrologer, second.id), 404, "intake_not_found");
  await ok(see(user, second.id));
});

test("what is given races its cancellation: whichever is second sees the first", async () => {
  const user = await new Person(world()).join();
  await astrologer.refresh();
  for (let round = 0; round < 5; ++round) {
    const { id } = await booked(user, 30 + round);
    const [given, cancelled] = await Promise.all([
      give(user, id, { question }),
      cancel(round % 2 ? user : astrologer, id),
    ]);
    assert.equal(cancelled.response.status, 200);
    if (given.response.status !== 200) {
      assert.equal((given.error as unknown as { code: string }).code, "already_cancelled");
      await refused(see(user, id), 404, "intake_not_found");
    }
    await refused(see(astrologer, id), 404, "intake_not_found");
  }
});

test("a person's copy has it, and an erasure ends it", async () => {
  const user = await new Person(world()).join();
  await ok(add(user));
  const { id } = await booked(user);
  await ok(give(user, id, { question }));
  const { id: copy } = await ok(user.api.POST("/v1/me/exports"));
  const made = await until("the copy to be made", async () => {
    const found = await ok(user.api.GET("/v1/me/exports/{id}", at(copy)));
    return found.state === "ready" && found;
  });
  const records = (name: string) =>
    JSON.stringify(made.document!.data.find((each) => each.name === name)!.records);
  assert.ok(records("intake.birth_profiles").includes(asha.name));
  assert.ok(records("intake.intakes").includes("And where?"));
  await ok(cancel(user, id));
  await user.signIn();
  await ok(user.api.POST("/v1/me/erasure", { body: { confirm: true } }));
  const left = await world().query(
    `select (select count(*) from birth_profile where user_id = '${user.sub}')
          + (select count(*) from intake where booking_id = '${id}')`,
  );
  assert.equal(left, "0");
});
