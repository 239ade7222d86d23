// What came of an identity check reaches the inbox, the stream, every device by FCM, and the phone: once
// each, whatever fails in between.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { Sandbox } from "../browser/support/sandbox.ts";
import { scratchDirectory } from "./support/cluster.ts";
import { takeBroken } from "./support/contract.ts";
import { ok } from "./support/expect.ts";
import { addJob } from "./support/outbox.ts";
import { Person } from "./support/person.ts";
import { inbox } from "./support/place.ts";
import { until } from "./support/program.ts";
import { EventStream } from "./support/stream.ts";
import { World } from "./support/world.ts";

let google: Sandbox;
let directory: string;
let world: World;

before(async () => {
  directory = await scratchDirectory("push");
  const account = join(directory, "account.json");
  google = await Sandbox.start({ SANDBOX_FCM_ACCOUNT_FILE: account });
  world = await World.open({ env: { ASTROTALK_FCM_CREDENTIALS: account, ASTROTALK_FCM_URL: google.base } });
});
afterEach(() => assert.deepEqual(takeBroken(), []));
after(async () => {
  await world?.close();
  await google?.stop();
  await rm(directory, { recursive: true, force: true });
});

const faults = (change: object) =>
  google.control("PUT", "/fcm", {
    error: "none",
    delayMs: 0,
    tokenStatus: 200,
    unregistered: [],
    ...change,
  });
async function pushed(token: string): Promise<any[]> {
  const answer = await fetch(`${google.base}/push?token=${token}`);
  return (await answer.json()) as any[];
}
async function register(person: Person): Promise<string> {
  const token = `device-${randomUUID()}`;
  await ok(person.api.POST("/v1/devices", { body: { token, platform: "android" } }));
  return token;
}
const decided = (person: Person, outcome: string) =>
  addJob(world, "kyc.decided", { userId: person.sub, sessionId: randomUUID(), outcome });
const told = async (person: Person) =>
  (await inbox(world, person.phone)).filter(({ text }) => text.includes("identity check"));
const waiting = (condition = "true") =>
  world.query(`select count(*) from outbox where ${condition}`).then(Number);

test("an approval arrives everywhere, once", async () => {
  const person = await new Person(world).enter("astrologer");
  const devices = [await register(person), await register(person)];
  const stream = await EventStream.open(person);
  await decided(person, "approved");
  await until("everything to be sent", async () => (await waiting()) === 0);
  const { items, unread } = await ok(person.api.GET("/v1/notifications"));
  assert.deepEqual([items.length, items[0]!.kind, unread], [1, "kyc.approved", 1]);
  await stream.has(items[0]!.id);
  await stream.close();
  for (const token of devices) {
    const all = await pushed(token);
    assert.equal(all.length, 1);
    assert.deepEqual(all[0].message.data, { kind: "kyc.approved", notificationId: items[0]!.id });
    assert.equal(all[0].message.notification.body, "Your identity check is complete.");
    assert.doesNotMatch(
      JSON.stringify(all[0].message),
      new RegExp(`${person.sub}|${person.phone.slice(1)}`),
    );
  }
  assert.equal((await told(person)).length, 1);
});

test("a device that is gone is forgotten, and the others are told", async () => {
  const person = await new Person(world).enter("astrologer");
  const [gone, there] = [await register(person), await register(person)];
  await faults({ unregistered: [gone] });
  await decided(person, "rejected");
  await until("everything to be sent", async () => (await waiting()) === 0);
  assert.deepEqual([(await pushed(gone)).length, (await pushed(there)).length], [0, 1]);
  assert.equal(await world.query(`select count(*) from device where user_id = '${person.sub}'`), "1");
  await faults({});
});

test("who is told to wait waits as long, and then the message goes once", async () => {
  const person = await new Person(world).enter("astrologer");
  const token = await register(person);
  await faults({ error: "QUOTA_EXCEEDED", times: 1 });
  await decided(person, "failed");
  const postponed = "kind = 'push.send' and last_error is not null";
  await until("the refusal", async () => (await waiting(postponed)) === 1);
  const early = "run_at < app_now() + interval '50 seconds'";
  assert.equal(await waiting(`${postponed} and ${early}`), 0);
  assert.match(await world.query(`select last_error from outbox where ${postponed}`), /429 QUOTA_EXCEEDED/);
  assert.equal((await told(person)).length, 1, "the SMS does not wait for it");
  await world.advance(75);
  await until("the message", async () => (await pushed(token)).length > 0);
  await until("its row to go", async () => (await waiting()) === 0);
  assert.equal((await pushed(token)).length, 1);
});

test("a server that stops in between loses nothing and repeats nothing", async () => {
  const person = await new Person(world).enter("astrologer");
  const token = await register(person);
  await faults({ error: "UNAVAILABLE" });
  await decided(person, "approved");
  await until("the split", async () => (await waiting("kind = 'push.send' and attempts > 0")) === 1);
  await world.server.stop();
  await faults({});
  await world.startServer();
  await world.advance(300); // the clock of the server before was ahead
  await until("the message", async () => (await pushed(token)).length > 0);
  const { items } = await ok(person.api.GET("/v1/notifications"));
  assert.equal(items.length, 1);
  assert.deepEqual([(await pushed(token)).length, (await told(person)).length], [1, 1]);
});
