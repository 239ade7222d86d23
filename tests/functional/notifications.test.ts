// News in the app: the list, the stream and the devices. Rows are written as handlers of the outbox do.
import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { test } from "node:test";
import { ok, refused } from "./support/expect.ts";
import { Nginx } from "./support/nginx.ts";
import { Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { send } from "./support/raw.ts";
import { EventStream } from "./support/stream.ts";
import { useWorld, World } from "./support/world.ts";

const world = useWorld();

// A UUID of version 7, as the server makes them.
function newId(at = world().now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(at, 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function notify(person: Person, of = world()): Promise<string> {
  const id = newId(of.now());
  const params = JSON.stringify({ sessionId: randomUUID() });
  const values = [id, person.sub, "kyc.approved", params].map((each) => `'${each}'`).join();
  await of.query(`insert into notification (id, user_id, kind, params) values (${values})`);
  return id;
}

const page = (person: Person, query: { limit?: number; cursor?: string } = {}) =>
  ok(person.api.GET("/v1/notifications", { params: { query } }));

test("news are listed newest first, and read up to one", async () => {
  const [person, other] = [await new Person(world()).enter(), await new Person(world()).enter()];
  const ids: string[] = [];
  for (let i = 0; i < 3; ++i) {
    ids.push(await notify(person));
    await new Promise((resolve) => setTimeout(resolve, 2)); // ids of one millisecond have no order
  }
  await notify(other);
  const first = await page(person, { limit: 2 });
  assert.deepEqual([first.items.map(({ id }) => id), first.unread], [[ids[2], ids[1]], 3]);
  const rest = await page(person, { cursor: first.next! });
  assert.deepEqual(
    rest.items.map(({ id }) => id),
    [ids[0]],
  );
  const read = (upTo: string) => ok(person.api.POST("/v1/notifications/read", { body: { upTo } }));
  assert.equal((await read(ids[1]!)).unread, 1);
  assert.deepEqual(
    (await page(person)).items.map(({ readAt }) => readAt !== undefined),
    [false, true, true],
  );
  assert.equal((await page(other)).unread, 1);
});

test("what is new comes by the stream at once, and a stream goes on where it broke off", async () => {
  const person = await new Person(world()).enter();
  const old = await notify(person);
  const stream = await EventStream.open(person);
  assert.equal(stream.response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.equal(stream.response.headers.get("cache-control"), "no-store");
  const begin = Date.now();
  const first = await notify(person);
  const event = await stream.has(first);
  assert.ok(Date.now() - begin < 3_000);
  assert.equal(event.event, "notification");
  assert.equal(event.data.kind, "kyc.approved");
  assert.ok(event.data.params.sessionId);
  await stream.close();
  const missed = [await notify(person), await notify(person)];
  const again = await EventStream.open(person, { after: first });
  for (const id of missed) await again.has(id);
  assert.ok(again.events.every(({ id }) => id !== first));
  await again.close();
  assert.ok(stream.events.every(({ id }) => id !== old));
});

test("a stream is opened by a token in the header, and by nothing in the address", async () => {
  const person = await new Person(world()).enter();
  const token = person.tokens!.access;
  for (const query of ["", `?access_token=${token}`, `?token=${token}`]) {
    const answer = await send(world().base, "GET", `/v1/notifications/stream${query}`);
    assert.equal(answer.status, 401);
  }
  const wrong = await send(world().base, "GET", "/v1/notifications/stream", {
    headers: { authorization: `Bearer ${token}`, "last-event-id": "7" },
  });
  assert.equal(wrong.status, 422);
});

test("a stream ends with its sign-in, and with its token", async () => {
  const person = await new Person(world()).enter();
  const stream = await EventStream.open(person);
  await person.signOutEverywhere();
  assert.equal(await stream.end(), "whole");

  const own = await World.open();
  try {
    const other = await new Person(own).enter();
    const long = await EventStream.open(other);
    assert.equal(long.response.status, 200);
    await own.advance(2 * 3600);
    assert.equal(await long.end(), "whole");
    assert.equal((await EventStream.open(other)).response.status, 401);
  } finally {
    await own.close();
  }
});

test("five streams at once, and one that closes makes room", async () => {
  const person = await new Person(world()).enter();
  const all = await Promise.all(Array.from({ length: 5 }, () => EventStream.open(person)));
  const answer = await send(world().base, "GET", "/v1/notifications/stream", {
    headers: { authorization: `Bearer ${person.tokens!.access}` },
  });
  assert.deepEqual([answer.status, answer.json.code], [429, "too_many_streams"]);
  await all.pop()!.close();
  let next: EventStream | undefined;
  await until("room for another", async () => {
    next = await EventStream.open(person);
    return next.response.ok;
  });
  const id = await notify(person);
  for (const each of [...all, next!]) await each.has(id);
  for (const each of [...all, next!]) await each.close();
});

test("a proxy passes a stream on as it comes, and a server that stops ends it whole", async () => {
  const own = await World.open();
  const proxy = await Nginx.start([Number(own.env.PORT)]);
  try {
    const person = await new Person(own).enter();
    const stream = await EventStream.open(person, { base: proxy.outer });
    assert.equal(stream.response.status, 200);
    const id = await notify(person, own);
    await stream.has(id);
    const direct = await EventStream.open(person);
    const begin = Date.now();
    const end = await own.server.stop();
    assert.equal(end?.code, 0);
    assert.ok(Date.now() - begin < 8_000, "it did not wait for the streams");
    assert.deepEqual([await stream.end(), await direct.end()], ["whole", "whole"]);
    await own.startServer();
  } finally {
    await proxy.stop();
    await own.close();
  }
});

test("a device belongs to whoever registered it last", async () => {
  const [first, second] = [await new Person(world()).enter(), await new Person(world()).enter()];
  const token = `token-${randomUUID()}`;
  const register = (person: Person, value = token) =>
    person.api.POST("/v1/devices", { body: { token: value, platform: "android" } });
  const { id } = await ok(register(first));
  assert.equal((await ok(register(first))).id, id);
  assert.equal((await ok(register(second))).id, id);
  const remove = (person: Person) => person.api.DELETE("/v1/devices/{id}", { params: { path: { id } } });
  await refused(remove(first), 404, "device_not_found");
  assert.equal((await remove(second)).response.status, 204);
  await refused(remove(second), 404, "device_not_found");
  await refused(register(first, "short"), 422, "invalid_request");
  await refused(register(first, "with space and more"), 422, "invalid_request");
});
