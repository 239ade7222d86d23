// The database goes away, PostgreSQL crashes, the server is killed: told plainly, soon over, nothing lost.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { book, hold, listedAstrologer, slotsOf } from "./support/astrologer.ts";
import { Cluster } from "./support/cluster.ts";
import { takeBroken } from "./support/contract.ts";
import { ok, refused } from "./support/expect.ts";
import { Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { send } from "./support/raw.ts";
import { prepareTemplate, World } from "./support/world.ts";

let cluster: Cluster;
let world: World;
let user: Person;
let astrologer: Person;

before(async () => {
  cluster = await Cluster.create();
  await prepareTemplate(cluster);
  world = await World.open({ cluster, env: { ASTROTALK_IP_RATE: "100000", ASTROTALK_IP_BURST: "100000" } });
  user = await new Person(world).join();
  astrologer = await listedAstrologer(world, await world.admin(), 100);
});

afterEach(() => assert.deepEqual(takeBroken(), [], "answers broke the contract"));

after(async () => {
  await world?.close();
  await cluster?.destroy();
});

// Once it says that it is ready, it is.
async function ready() {
  const says = async () => (await send(world.base, "GET", "/readyz")).status === 200;
  await until("the server to be ready again", says, 10_000, 100);
  await ok(user.api.GET("/v1/wallet"));
}

test("while the database is away it says 503 at once, and serves again by itself", async () => {
  await cluster.halt();
  for (let i = 0; i < 5; ++i) {
    const began = performance.now();
    await refused(user.api.GET("/v1/wallet"), 503, "unavailable");
    const took = performance.now() - began;
    assert.ok(took < 2_000, `the ${i}. refusal took ${took} ms`);
  }
  assert.equal((await send(world.base, "GET", "/healthz")).status, 200);
  assert.equal((await send(world.base, "GET", "/readyz")).status, 503);
  await cluster.start();
  await ready();
});

async function stormOfBookings(whileItRuns: () => Promise<void>): Promise<string[]> {
  const told: string[] = [];
  let stop = false;
  const { items } = await slotsOf(user, astrologer);
  const people = await Promise.all(Array.from({ length: 6 }, () => new Person(world).join()));
  const storm = people.map(async (person, lane) => {
    for (let i = lane; !stop && i < items.length; i += people.length) {
      const held = await hold(person, astrologer.sub, items[i]!.startsAt).catch(() => undefined);
      if (!held?.data) continue;
      const booked = await book(person, held.data.id).catch(() => undefined);
      if (booked?.data) told.push(booked.data.id);
    }
  });
  await until("the first bookings", async () => told.length >= 3);
  await whileItRuns();
  stop = true;
  await Promise.all(storm);
  return told;
}

async function proveNothingLost(told: string[]) {
  assert.ok(told.length > 0, "somebody was told yes");
  const list = told.map((id) => `'${id}'`).join(",");
  assert.equal(
    await world.query(`select count(*) from booking where id in (${list})`),
    String(told.length),
  );
  const { code, text } = await world.command("ledger", "verify");
  assert.equal(code, 0, text);
}

test("PostgreSQL crashes amid bookings: whoever was told yes has one, and the ledger is whole", async () => {
  const told = await stormOfBookings(async () => {
    await cluster.halt("SIGQUIT");
    await cluster.start();
    await ready();
  });
  await proveNothingLost(told);
});

test("the server is killed amid bookings: the same, and no slot is stuck after its hold's time", async () => {
  const told = await stormOfBookings(() => world.server.kill());
  await world.startServer();
  await ready();
  await proveNothingLost(told);
  await world.advance(1_200);
  await until("stale holds to end", async () => {
    return (
      (await world.query("select count(*) from occupancy where kind = 'hold' and status = 'active'")) ===
      "0"
    );
  });
});

test("SIGTERM lets a request in flight finish", async () => {
  await user.signIn();
  const asked = Array.from({ length: 20 }, () => user.api.GET("/v1/wallet"));
  await sleep(5);
  const ended = world.server.stop();
  const answers = await Promise.allSettled(asked);
  assert.equal((await ended).code, 0);
  for (const answer of answers)
    if (answer.status === "fulfilled") assert.ok(answer.value.response.status < 500);
  await world.startServer();
  await ok(user.api.GET("/v1/wallet"));
});
