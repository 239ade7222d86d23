// Two nodes behind a real nginx, with a real Redis between them: one rate for both, whose client it is, and
// what happens when Redis is killed, hangs, is not who it says, or wants a password.
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, afterEach, before, test } from "node:test";
import { Authority } from "./support/certificates.ts";
import { check, takeBroken } from "./support/contract.ts";
import { Nginx, proxyAddresses } from "./support/nginx.ts";
import { Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { Redis } from "./support/redis.ts";
import { type Node, World } from "./support/world.ts";

const burst = 30;
const threads = 2; // of each node
let redis: Redis;
let world: World;
let second: Node;
let proxy: Nginx;

interface Got {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

// From an address of the loopback's network, so that clients differ by more than what they claim.
function get(url: string, from: string, headers: Record<string, string> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { localAddress: from, headers, agent: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => (body += chunk));
      answer.on("end", () => {
        const got = { status: answer.statusCode!, headers: answer.headers, body };
        const plain = new Headers();
        for (const [name, value] of Object.entries(answer.headers)) plain.set(name, String(value));
        check({ method: "GET", pathname: new URL(url).pathname, ...got, headers: plain });
        resolve(got);
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}

let addresses = 0;
const newAddress = () => `127.7.${Math.floor(++addresses / 250)}.${1 + (addresses % 250)}`;

async function many(count: number, ask: () => Promise<Got>, lanes = 10): Promise<Got[]> {
  const all: Got[] = [];
  let left = count;
  const lane = async () => {
    while (left-- > 0) all.push(await ask());
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return all;
}

const allowed = (all: Got[]) => all.filter(({ status }) => status === 200).length;

async function unanswered(): Promise<string> {
  const pages = [world.base, second.base].map((base) => get(`${base}/metrics`, newAddress()));
  const found = (await Promise.all(pages)).map(({ body }) =>
    /^astrotalk_redis_unanswered_total .*/m.exec(body),
  );
  return found.join();
}

// What both nodes answer a new client that asks four times too much, and how much came back meanwhile. When
// Redis was late for some of it, which a busy machine may make it, that says nothing: another client then.
async function tooMuch(): Promise<{ all: Got[]; most: number }> {
  for (let i = 0; i < 5; ++i) {
    const from = newAddress();
    const late = await unanswered();
    const began = Date.now();
    const all = await many(4 * burst, () => get(`${proxy.base}/v1/config`, from));
    const most = burst + Math.ceil((Date.now() - began) / 1_000);
    if ((await unanswered()) === late) return { all, most };
  }
  throw new Error("Redis was late each time");
}

const readiness = async (base: string) => JSON.parse((await get(`${base}/readyz`, newAddress())).body);
// By the metric too: /readyz speaks for the thread that answers.
async function redisIs(state: "connected" | "away", bases: string[]): Promise<void> {
  const line = `\nastrotalk_redis_connections ${state === "connected" ? threads : 0}\n`;
  for (const base of bases)
    await until(
      `Redis to be ${state}`,
      async () => {
        const { body } = await get(`${base}/metrics`, newAddress());
        return body.includes(line) && (await readiness(base)).redis === state;
      },
      10_000,
      100,
    );
}

before(async () => {
  redis = await Redis.start();
  world = await World.open({
    env: {
      REDIS_URL: redis.url(),
      ASTROTALK_IO_THREADS: String(threads),
      ASTROTALK_IP_RATE: "1",
      ASTROTALK_IP_BURST: String(burst),
      ASTROTALK_TRUSTED_PROXIES: `${proxyAddresses.inner},${proxyAddresses.outer}/32`,
    },
  });
  second = await world.startAnother();
  proxy = await Nginx.start([world.base, second.base].map((base) => Number(new URL(base).port)));
  await redisIs("connected", [world.base, second.base]);
});

afterEach((t) => {
  const context = t as unknown as { passed?: boolean; name: string };
  if (context.passed === false) console.log(`${world.server.tail()}\n${second.program.tail()}`);
  assert.deepEqual(takeBroken(), [], "answers broke the contract");
});

after(async () => {
  await proxy?.stop();
  const ended = await second?.program.stop();
  await world?.close();
  await redis?.stop();
  assert.equal(ended?.code, 0, second.program.tail());
});

test("a client gets the configured rate over both nodes together", async () => {
  const { all, most } = await tooMuch();
  assert.equal(new Set(all.map(({ headers }) => headers["x-node"])).size, 2, "both nodes answered");
  assert.ok(allowed(all) >= burst && allowed(all) <= most, `${allowed(all)} were allowed`);
  for (const { status, headers } of all) {
    assert.ok(status === 200 || status === 429, String(status));
    assert.equal(headers["ratelimit-limit"], String(burst));
    if (status === 429) assert.match(String(headers["retry-after"]), /^[1-9]\d*$/);
  }
  assert.equal((await get(`${proxy.base}/v1/config`, newAddress())).status, 200, "another client");
});

test("alone, too, a node gives a client the rate once, over however many threads", async () => {
  const alone = await world.startAnother({ REDIS_URL: "", ASTROTALK_IO_THREADS: "4" });
  const from = newAddress();
  const began = Date.now();
  const all = await many(4 * burst, () => get(`${alone.base}/v1/config`, from));
  const refilled = Math.ceil((Date.now() - began) / 1_000);
  assert.ok(allowed(all) >= burst && allowed(all) <= burst + refilled, `${allowed(all)} were allowed`);
  assert.equal((await readiness(alone.base)).redis, undefined);
  assert.equal((await alone.program.stop()).code, 0, alone.program.tail());
});

test("Redis learns no address, and forgets a bucket when it is full again", async () => {
  await get(`${proxy.base}/v1/config`, newAddress());
  const keys = (await redis.command("keys", "*")).split("\n").filter(Boolean);
  assert.ok(keys.length > 0);
  for (const key of keys) {
    assert.match(key, /^astrotalk:rate:[0-9a-f]{32}$/);
    assert.ok(Number(await redis.command("pttl", key)) <= burst * 1_000);
  }
  assert.doesNotMatch(world.server.lines.join("\n"), /127\.7\./);
});

test("X-Forwarded-For is believed from our proxies only, and from the right", async () => {
  const claim = () => ({ "x-forwarded-for": `203.0.113.${1 + Math.floor(Math.random() * 250)}` });
  const left = ({ headers }: Got) => Number(headers["ratelimit-remaining"]);
  const spent = async (url: string) => {
    const from = newAddress();
    const first = left(await get(url, from, claim()));
    for (let i = 0; i < 5; ++i) await get(url, from, claim());
    return first - left(await get(url, from, claim()));
  };
  // A bucket of one's own for each claim would never be seen to shrink; a token may come back meanwhile.
  for (const base of [world.base, proxy.base, proxy.outer]) {
    const took = await spent(`${base}/v1/config`);
    assert.ok(took >= 4 && took <= 6, `${base}: ${took}`);
  }
  const from = newAddress();
  await many(2 * burst, () => get(`${proxy.base}/v1/config`, from));
  const throughBoth = await many(10, () => get(`${proxy.outer}/v1/config`, from, claim()));
  assert.ok(allowed(throughBoth) <= 2, "the same client through one proxy and through two");
});

test("killing Redis changes no answer to a 5xx: each node limits alone, then both together", async () => {
  const nodes = [world.base, second.base];
  const load = many(600, () => get(`${proxy.base}/v1/config`, newAddress()));
  await redis.stop("SIGKILL");
  const answers = await load;
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  await redisIs("away", nodes);
  const from = newAddress();
  const alone = allowed(await many(4 * burst, () => get(`${proxy.base}/v1/config`, from)));
  assert.ok(alone >= burst && alone <= 2 * burst + 10, `${alone} were allowed by two that are alone`);
  for (const { lines } of [world.server, second.program])
    assert.equal(lines.filter((line) => line.includes('"redis.away"')).length, 1, "told once");
  const { body } = await get(`${world.base}/metrics`, newAddress());
  assert.match(body, /^astrotalk_redis_unanswered_total [1-9]/m);
  redis = await Redis.start({ port: redis.port });
  await redisIs("connected", nodes);
  const { all, most } = await tooMuch();
  assert.ok(allowed(all) >= burst && allowed(all) <= most, `${allowed(all)} were allowed by two together`);
});

test("a Redis that hangs delays nobody for long", async () => {
  redis.program.signal("SIGSTOP");
  const took: number[] = [];
  for (let i = 0; i < 60; ++i) {
    const began = performance.now();
    assert.equal((await get(`${proxy.base}/v1/config`, newAddress())).status, 200);
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  assert.ok(took[30]! < 150, `the median was ${took[30]} ms`);
  assert.ok(took[59]! < 1_000, `the slowest took ${took[59]} ms`);
  redis.program.signal("SIGCONT");
  await redisIs("connected", [world.base, second.base]);
});

test("over TLS with a password and a database; no unknown certificate, no wrong password", async () => {
  const authority = Authority.current();
  const right = await authority.issue("redis");
  const elsewhere = await authority.issue("elsewhere", "DNS:redis.example");
  const secured = await Redis.start({ tls: right, password: "s3cret/&" });
  const misplaced = await Redis.start({ tls: elsewhere });
  const at = `127.0.0.1:${secured.port}`;
  const trusting = { ASTROTALK_REDIS_CA_FILE: authority.certificate };
  const good = await world.startAnother({ ...trusting, REDIS_URL: `rediss://:s3cret%2F%26@${at}/3` });
  const bad: [string, Record<string, string>][] = [
    ["WRONGPASS", { ...trusting, REDIS_URL: `rediss://default:guess@${at}` }],
    ["NOAUTH", { ...trusting, REDIS_URL: `rediss://${at}` }],
    ["TLS: ", { REDIS_URL: `rediss://:s3cret%2F%26@${at}` }],
    ["TLS: ", { ...trusting, REDIS_URL: `rediss://127.0.0.1:${misplaced.port}` }],
  ];
  try {
    await redisIs("connected", [good.base]);
    assert.equal((await get(`${good.base}/v1/config`, newAddress())).status, 200);
    const cli = ["--tls", "--cacert", authority.certificate, "-a", "s3cret/&", "-n", "3"];
    assert.match(await secured.command(...cli, "keys", "*"), /astrotalk:rate:/);
    for (const [why, env] of bad) {
      const node = await world.startAnother(env);
      try {
        await until(`to be told ${why}`, async () =>
          node.program.lines.some((line) => line.includes('"redis.away"') && line.includes(why)),
        );
        await redisIs("away", [node.base]);
        assert.doesNotMatch(node.program.lines.join("\n"), /s3cret|guess/);
      } finally {
        assert.equal((await node.program.stop()).code, 0, node.program.tail());
      }
    }
  } finally {
    const ended = await good.program.stop();
    await secured.stop();
    await misplaced.stop();
    assert.equal(ended.code, 0, good.program.tail());
  }
});

// The second counts from the answer: what the other node does not know yet by then it soon reads.
test("whoever signs out or ends a session at one node is out at the other within a second", async () => {
  const elsewhere = async ({ address, tokens }: Person) =>
    (
      await fetch(`${second.base}/v1/me`, {
        headers: { authorization: `Bearer ${tokens!.access}`, "x-forwarded-for": address },
      })
    ).status;
  const person = await new Person(world).join();
  const other = await new Person(world).join();
  const ends = [() => person.signOutEverywhere(), () => other.revoke()];
  for (const [at, who] of [person, other].entries()) {
    assert.equal(await elsewhere(who), 200);
    await ends[at]!();
    await until("the other node to refuse", async () => (await elsewhere(who)) === 401, 1_000, 100);
  }
});
