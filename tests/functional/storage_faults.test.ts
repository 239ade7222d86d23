// What happens to objects when writers race, the server dies, keys change and disks lie; and where else they
// may be kept.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bareEnvironment } from "./support/cluster.ts";
import { takeBroken } from "./support/contract.ts";
import { Bucket, Objects, publicBucket, refusal, roomy } from "./support/objects.ts";
import { run } from "./support/program.ts";
import { astrotalk, root, World } from "./support/world.ts";

let world: World;
let s3: Objects;

before(async () => {
  world = await World.open({ env: roomy });
  s3 = new Objects(world);
});
afterEach(() => assert.deepEqual(takeBroken(), []));
after(() => world?.close());

const folder = () => join(world.env.ASTROTALK_DATA_DIR!, "storage");

// Every file that holds an object.
function files(): string[] {
  return [Bucket, publicBucket].flatMap((bucket) =>
    readdirSync(join(folder(), bucket), { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name)),
  );
}

test("of parallel puts of one key one is there, whole", async () => {
  const bodies = Array.from({ length: 12 }, (_, i) => Buffer.alloc(300_000 + i, i + 1));
  await Promise.all(bodies.map((body) => s3.put("raced", body)));
  const found = Buffer.from(await (await s3.get("raced")).Body!.transformToByteArray());
  assert.ok(
    bodies.some((body) => body.equals(found)),
    `${found.length} bytes of no one's`,
  );
  const firsts = await Promise.all(
    bodies.map((body) => refusal(s3.put("first", body, { IfNoneMatch: "*" }))),
  );
  assert.equal(firsts.filter((code) => code === "nothing refused").length, 1);
  assert.ok(firsts.every((code) => code === "nothing refused" || code === "PreconditionFailed"));
});

test("nothing on disk is in clear, and no name of an object is", async () => {
  const marker = "asha.rao@example.in";
  await s3.put(`aadhaar/${marker}.txt`, marker.repeat(10), { Metadata: { owner: marker } });
  for (const file of files()) {
    assert.doesNotMatch(file, /asha|aadhaar/);
    assert.equal(readFileSync(file).includes(marker), false);
    assert.equal(statSync(file).mode & 0o077, 0);
  }
});

test("a server killed in the middle of a put leaves the old object or the new one", async () => {
  for (let round = 0; round < 4; ++round) {
    const key = `killed/${round}`;
    const old = randomBytes(1000);
    const fresh = randomBytes(12 << 20);
    await s3.put(key, old);
    const writing = Array.from({ length: 4 }, (_, i) =>
      s3.put(i === 0 ? key : `${key}/${i}`, fresh).then(
        () => "stored",
        () => "cut off",
      ),
    );
    // Until one of them is on its way to the disk, and then a little.
    const deadline = Date.now() + 10_000;
    while (s3.unfinished().length === 0 && Date.now() < deadline) await sleep(1);
    await sleep(round * 4);
    await world.server.kill();
    const [told] = await Promise.all(writing);
    await world.startServer();
    s3 = new Objects(world);
    const found = Buffer.from(await (await s3.get(key)).Body!.transformToByteArray());
    assert.ok(found.equals(fresh) || (told !== "stored" && found.equals(old)), `round ${round}: ${told}`);
    assert.deepEqual(s3.unfinished(), [], "what was left is swept");
  }
});

test("an object whose file was changed is not given out, and harms no other", async () => {
  await s3.put("sound", "sound");
  const before = new Set(files());
  await s3.put("cut", randomBytes(200_000));
  const cut = files().find((file) => !before.has(file))!;
  truncateSync(cut, 150_000);
  assert.equal(await refusal(s3.text("cut")), "InternalError");
  writeFileSync(cut, "rubbish");
  assert.equal(await refusal(s3.text("cut")), "InternalError");
  assert.equal(await s3.text("sound"), "sound");
  await s3.put("cut", "anew");
  assert.equal(await s3.text("cut"), "anew");
});

test("objects move to a new data key while they are read", async () => {
  const key = "moved to a new key";
  await s3.put(key, "content");
  const ids = () => new Set(files().map((file) => readFileSync(file).subarray(9, 13).toString("hex")));
  const old = [...ids()];
  assert.equal(old.length, 1);
  let stop = false;
  const reading = (async () => {
    while (!stop) assert.equal(await s3.text(key), "content");
  })();
  const { code, text } = await world.command("keys", "rotate-data");
  stop = true;
  await reading;
  assert.equal(code, 0, text);
  assert.match(text, new RegExp(`^storage: ${files().length} sealed anew, 0 could not be opened$`, "m"));
  assert.equal(ids().size, 1);
  assert.notEqual([...ids()][0], old[0]);
  await s3.put("sealed by the new key", "x");
  assert.equal(ids().size, 1, "the running server follows");
  const again = await world.command("keys", "rotate-data", "--resume");
  assert.match(again.text, /^storage: 0 sealed anew/m);
});

test("an operator can try the store, wherever it is", async () => {
  const embedded = await world.command("storage", "check");
  assert.equal(embedded.code, 0, embedded.text);
  assert.match(embedded.text, /astrotalk-documents: written, read, listed and removed/);
  const env = {
    ...world.env,
    ASTROTALK_STORAGE: "s3",
    ASTROTALK_STORAGE_URL: s3.endpoint,
    ASTROTALK_STORAGE_REGION: world.config.region,
    ASTROTALK_STORAGE_PATH_STYLE: "on",
    ASTROTALK_STORAGE_ACCESS_KEY_ID: s3.key.accessKeyId,
    ASTROTALK_STORAGE_SECRET_ACCESS_KEY: s3.key.secretAccessKey,
  };
  const check = (change: Record<string, string>) =>
    run(astrotalk, ["storage", "check"], { ...env, ...change }, world.directory);
  const remote = await check({});
  assert.equal(remote.code, 0, remote.text);
  const wrong = await check({ ASTROTALK_STORAGE_SECRET_ACCESS_KEY: "wrong" });
  assert.equal(wrong.code, 1);
  assert.match(wrong.text, /the object store answered 403 SignatureDoesNotMatch/);
  assert.doesNotMatch(wrong.text, /wrong/);
  const away = await check({ ASTROTALK_STORAGE_URL: "http://127.0.0.1:1" });
  assert.equal(away.code, 1);
});

test("a server that keeps objects in S3 says so and has none itself", async () => {
  const other = await World.open({
    env: {
      ...roomy,
      ASTROTALK_STORAGE: "s3",
      ASTROTALK_STORAGE_URL: "https://s3.example.in",
      ASTROTALK_STORAGE_ACCESS_KEY_ID: "AKIAEXAMPLE",
      ASTROTALK_STORAGE_SECRET_ACCESS_KEY: "secret",
    },
  });
  try {
    assert.equal(other.config.storageEndpoint, "https://s3.example.in");
    assert.equal(await refusal(new Objects(other).put("k", "x")), "NoSuchBucket");
  } finally {
    await other.close();
  }
});

test("settings of the store are checked", async () => {
  const config = (env: Record<string, string>) =>
    run(astrotalk, ["config"], { ...bareEnvironment(), ...env }, root);
  const production = await config({
    ASTROTALK_ENV: "production",
    ASTROTALK_STORAGE: "s3",
    ASTROTALK_STORAGE_URL: "http://s3.example.in",
    ASTROTALK_STORAGE_PUBLIC_BUCKET: "astrotalk-documents",
    ASTROTALK_STORAGE_DOCUMENTS_BUCKET: "../etc",
    ASTROTALK_STORAGE_SECRET_ACCESS_KEY: "hunter2",
  });
  assert.equal(production.code, 2);
  for (const name of ["URL", "DOCUMENTS_BUCKET", "ACCESS_KEY_ID"])
    assert.match(production.text, new RegExp(`ASTROTALK_STORAGE_${name}: expected `), name);
  assert.doesNotMatch(production.text, /hunter2/);
  const twice = await config({ ASTROTALK_STORAGE_PUBLIC_BUCKET: "astrotalk-documents" });
  assert.match(twice.text, /ASTROTALK_STORAGE_PUBLIC_BUCKET: expected/);
});
