// Two nodes that share what they show of astrologers by a real Redis, and do without it when it is gone.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { listedAstrologer, profile } from "./support/astrologer.ts";
import { takeBroken } from "./support/contract.ts";
import { ok } from "./support/expect.ts";
import { Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { Redis } from "./support/redis.ts";
import { send } from "./support/raw.ts";
import { type Node, World } from "./support/world.ts";

let redis: Redis;
let world: World;
let second: Node;
let astrologer: Person;
let user: Person;

before(async () => {
  redis = await Redis.start();
  world = await World.open({ env: { REDIS_URL: redis.url(), ASTROTALK_IO_THREADS: "1" } });
  second = await world.startAnother();
  astrologer = await listedAstrologer(world, await world.admin(), 600);
  user = await new Person(world).join();
});

afterEach(() => assert.deepEqual(takeBroken(), [], "answers broke the contract"));

after(async () => {
  const ended = await second?.program.stop();
  await world?.close();
  await redis?.stop();
  assert.equal(ended?.code, 0, second.program.tail());
});

const shared = async () =>
  (await redis.command("keys", "astrotalk:{listing}:*")).split("\n").filter(Boolean);
const view = async (base: string) => {
  const target = `/v1/astrologers/${astrologer.sub}`;
  const headers = { authorization: `Bearer ${user.tokens!.access}` };
  const { status, json } = await send(base, "GET", target, { headers });
  assert.equal(status, 200);
  return json;
};

test("what one node has read, another takes from Redis, and only its own version", async () => {
  await view(world.base);
  const [key = ""] = await shared();
  assert.ok(key.includes(astrologer.sub) && key.endsWith(":profile"), key);
  const text = (await redis.command("get", key)).trim();
  await redis.command("set", key, text.replace(profile.bio, "From Redis"), "keepttl");
  assert.equal((await view(second.base)).bio, "From Redis");
  assert.equal((await view(world.base)).bio, profile.bio, "its own memory comes first");
  await ok(astrologer.api.PUT("/v1/astrologer/profile", { body: { ...profile, bio: "Another bio" } }));
  assert.equal((await view(second.base)).bio, "Another bio", "at once: it is another version");
  assert.ok(Number(await redis.command("pttl", key)) > 0, "nothing stays for ever");
});

test("Redis knows nothing of who looks", async () => {
  await ok(
    user.api.PUT("/v1/me/follows/{id}", {
      params: { path: { id: astrologer.sub } },
      body: { notify: true },
    }),
  );
  assert.equal((await view(world.base)).following, true);
  for (const key of await shared()) {
    const kept = await redis.command("get", key);
    assert.doesNotMatch(kept, /following|nextSlots/);
    assert.ok(!kept.includes(user.sub) && !key.includes(user.sub));
  }
});

test("without Redis every answer is the database's", async () => {
  await redis.stop("SIGKILL");
  await ok(astrologer.api.PUT("/v1/astrologer/profile", { body: { ...profile, bio: "Alone" } }));
  for (const { base } of [world, second]) assert.equal((await view(base)).bio, "Alone");
  await until("the listing shows it", async () => {
    const { json } = await send(second.base, "GET", "/v1/astrologers");
    return (json.items as { bio: string }[])[0]!.bio === "Alone";
  });
});
