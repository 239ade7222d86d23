// Signing keys take turns without anybody noticing.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { useWorld, World } from "./support/world.ts";

const world = useWorld();

const jwksOf = (at: World) => {
  const pool = new URL(at.config.issuer).pathname;
  return new URL(`${at.base}${pool}/.well-known/jwks.json`);
};
const publishedBy = async (at: World) => {
  const response = await fetch(jwksOf(at));
  const { keys } = (await response.json()) as { keys: { kid: string }[] };
  return { kids: keys.map(({ kid }) => kid), cache: response.headers.get("cache-control") };
};
const kidOf = (token: string) => decodeProtectedHeader(token).kid!;
const status = async (person: Person, access: string) =>
  (await fetch(`${person.place.base}/v1/me`, { headers: { authorization: `Bearer ${access}` } })).status;

test("jose accepts tokens before, across and after a rotation, with one fetch of the keys", async () => {
  const person = await new Person(world()).join();
  const before = person.tokens!;
  const first = await publishedBy(world());
  assert.equal(first.kids.length, 2);
  assert.equal(first.cache, "public, max-age=300");

  const rotated = await world().command("keys", "rotate");
  assert.equal(rotated.code, 0, rotated.text);
  await until(
    "the next keys to be published",
    async () => (await publishedBy(world())).kids.length === 4,
    2_000,
  );
  // Its own refetching is off: what was published before the switch must be enough after it.
  const keys = createRemoteJWKSet(jwksOf(world()), {
    cooldownDuration: 86_400_000,
    cacheMaxAge: 86_400_000,
  });
  const accepts = async (token: string) => {
    const { issuer } = world().config;
    await jwtVerify(token, keys, { issuer, algorithms: ["RS256"] });
  };
  for (const token of [before.access, before.id]) await accepts(token);
  const kept = keys.jwks()!.keys.map(({ kid }) => kid);
  assert.equal(kept.length, 4);

  const waiting = await person.refresh();
  assert.equal(kidOf(waiting.access), kidOf(before.access));
  await world().advance(601);
  const after = await person.refresh();
  for (const use of ["access", "id"] as const) {
    assert.notEqual(kidOf(after[use]), kidOf(before[use]));
    assert.ok(!first.kids.includes(kidOf(after[use])));
    await accepts(after[use]);
    await accepts(before[use]);
  }
  assert.deepEqual(
    keys.jwks()!.keys.map(({ kid }) => kid),
    kept,
  );
  assert.equal(await status(person, before.access), 200);
  assert.equal(await status(person, after.access), 200);

  await world().advance(25 * 3600);
  const { kids } = await publishedBy(world());
  assert.deepEqual(kids.sort(), [kidOf(after.access), kidOf(after.id)].sort());
});

test("keys are listed by state, and a waiting one is not overtaken", async () => {
  const own = await World.open();
  try {
    const rotate = (...options: string[]) => own.command("keys", "rotate", ...options);
    const states = async () => {
      const { code, text } = await own.command("keys", "list");
      assert.equal(code, 0, text);
      return [...text.matchAll(/^\S{43}  (access|id) +(\w+) /gm)].map(
        ([, use, state]) => `${use} ${state}`,
      );
    };
    assert.deepEqual(await states(), ["access current", "id current"]);
    const results = await Promise.all([1, 2, 3].map(() => rotate("--use", "id")));
    assert.deepEqual(results.map(({ code }) => code).sort(), [0, 1, 1]);
    assert.match(results.find(({ code }) => code === 1)!.text, /successor waiting.*keys list/);
    assert.deepEqual(await states(), ["access current", "id next", "id current"]);
    assert.equal((await rotate("--use", "refresh")).code, 2);
    const audited = await own.query(
      `select count(*) from (select action from audit_log union all select action from audit_pending) a
       where action = 'signing_key.rotate'`,
    );
    assert.equal(Number(audited), 1);
  } finally {
    await own.close();
  }
});

test("supplied keys sign, and are rotated by their files alone", async () => {
  const own = await World.open();
  try {
    const person = await new Person(own).join();
    const generated = person.tokens!;
    await own.server.stop();
    for (const name of ["ACCESS", "ID"]) {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const file = join(own.directory, `${name}.pem`);
      await writeFile(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
      own.env[`ASTROTALK_${name}_KEY_FILE`] = file;
    }
    await own.startServer();
    const supplied = await person.refresh();
    assert.notEqual(kidOf(supplied.access), kidOf(generated.access));
    assert.equal(await status(person, generated.access), 200);
    assert.equal(await status(person, supplied.access), 200);
    const refused = await own.command("keys", "rotate");
    assert.equal(refused.code, 1);
    assert.match(refused.text, /ASTROTALK_ACCESS_KEY_FILE/);
    assert.match((await own.command("keys", "list")).text, /access  current .* supplied$/m);
  } finally {
    await own.close();
  }
});
