// The receiver of what other systems call back with: raw bytes, signatures, rotation, repeats and conflicts.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { test } from "node:test";
import { randomAddress } from "./support/place.ts";
import { bytes, send } from "./support/raw.ts";
import { useWorld, World } from "./support/world.ts";

const secrets = { current: "the current webhook secret", previous: "the webhook secret before" };
const world = useWorld({
  env: {
    ASTROTALK_DIGIO_WEBHOOK_SECRET: secrets.current,
    ASTROTALK_DIGIO_WEBHOOK_SECRET_PREVIOUS: secrets.previous,
  },
});

const sign = (body: string | Buffer, key = secrets.current) =>
  createHmac("sha256", key).update(body).digest("hex");
const newEvent = (change: object = {}) =>
  JSON.stringify({
    id: `WHN${randomUUID()}`,
    event: "kyc.request.completed",
    entities: ["kyc_request"],
    payload: { kyc_request: { id: "KID1", status: "approval_pending" } },
    created_at: "2026-11-23 14:30:00",
    ...change,
  });

async function deliver(
  body: string,
  headers: Record<string, string> = { "X-Digio-Checksum": sign(body) },
  to = world(),
) {
  const { status, text } = await send(to.base, "POST", "/webhooks/digio", {
    headers: { "content-type": "application/json", "x-forwarded-for": randomAddress(), ...headers },
    body,
  });
  return { status, text };
}

const eventsOf = (body: string) =>
  world().query(`select count(*) from webhook_event where event_id = '${JSON.parse(body).id}'`);

async function counted(outcome: string, of = world()): Promise<number> {
  const { text } = await send(of.base, "GET", "/metrics");
  const line = text
    .split("\n")
    .find((each) => each.startsWith(`astrotalk_webhook_events_total{`) && each.includes(`"${outcome}"`));
  return Number(line?.split(" ").at(-1));
}

test("an event that is signed is stored once, sealed, and its work is ordered once", async () => {
  const body = newEvent();
  const before = Number(await world().query("select count(*) from outbox where kind = 'webhook.digio'"));
  const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(body)));
  assert.deepEqual([...new Set(answers.map(({ status, text }) => `${status} ${text}`))], ["200 {}"]);
  assert.equal(await eventsOf(body), "1");
  assert.equal(
    await world().query(
      "select count(*) from webhook_event where strpos(encode(body_sealed, 'escape'), 'kyc_') > 0",
    ),
    "0",
  );
  const after = Number(await world().query("select count(*) from outbox where kind = 'webhook.digio'"));
  assert.ok(after - before <= 1); // a handler may have done it by now
});

test("the signature is over the bytes as they came, in either case, by either secret", async () => {
  const odd = `  {"id" : "WHN${randomUUID()}",\n\t"x": "\\u0915 क 😀"}  `;
  assert.equal((await deliver(odd)).status, 200);
  const body = newEvent();
  assert.equal((await deliver(body, { "X-DIGIO-CHECKSUM": sign(body).toUpperCase() })).status, 200);
  const old = newEvent();
  assert.equal((await deliver(old, { "x-digio-checksum": sign(old, secrets.previous) })).status, 200);
  const chunked = newEvent();
  const said = await bytes(
    world().base,
    `POST /webhooks/digio HTTP/1.1\r\nHost: h\r\nConnection: close\r\n` +
      `X-Digio-Checksum: ${sign(chunked)}\r\nTransfer-Encoding: chunked\r\n\r\n` +
      `5\r\n${chunked.slice(0, 5)}\r\n` +
      `${(chunked.length - 5).toString(16)}\r\n${chunked.slice(5)}\r\n0\r\n\r\n`,
  );
  assert.match(said, /^HTTP\/1.1 200/);
  assert.equal(await eventsOf(chunked), "1");
});

test("whatever is wrong with a signature, the answer is the same and nothing is stored", async () => {
  const body = newEvent();
  const mac = createHmac("sha256", secrets.current).update(body);
  const base64 = mac.digest("base64");
  const wrong: Record<string, string>[] = [
    {},
    { "x-digio-checksum": "" },
    { "x-digio-checksum": base64 },
    { "x-digio-checksum": `sha256=${sign(body)}` },
    { "x-digio-checksum": sign(body + " ") },
    { "x-digio-checksum": sign(body, "another secret") },
    { "x-digio-checksum": sign(body).slice(0, 62) },
    { "x-razorpay-signature": sign(body) },
    { authorization: `Bearer ${sign(body)}` },
  ];
  const before = await counted("bad_signature");
  const said = new Set<string>();
  for (const headers of wrong) {
    const { status, text } = await deliver(body, headers);
    assert.equal(status, 401, JSON.stringify(headers));
    said.add(text);
  }
  assert.equal(said.size, 1);
  assert.equal(await eventsOf(body), "0");
  assert.equal((await counted("bad_signature")) - before, wrong.length);
});

test("another body under the same id is answered, counted and kept apart", async () => {
  const body = newEvent();
  const other = JSON.stringify({ ...JSON.parse(body), event: "kyc.request.approved" });
  const before = await counted("conflict");
  assert.equal((await deliver(body)).status, 200);
  for (let i = 0; i < 2; ++i) assert.equal((await deliver(other)).status, 200);
  assert.equal(await eventsOf(body), "2");
  assert.equal((await counted("conflict")) - before, 2);
  assert.match(world().server.tail(), /webhook\.conflict/);
});

test("what is too large, of nobody, or from the future", async () => {
  const large = newEvent({ x: "x".repeat(256 * 1024) });
  assert.equal((await deliver(large)).status, 413);
  const unknown = await send(world().base, "POST", "/webhooks/nobody", { body: "{}" });
  assert.equal(unknown.status, 404);
  const ahead = newEvent({ created_at: "2999-01-01 00:00:00" });
  assert.equal((await deliver(ahead)).status, 200);
  assert.equal(
    await world().query(`select ahead from webhook_event where event_id = '${JSON.parse(ahead).id}'`),
    "t",
  );
});

test("without a secret the door is closed", async () => {
  const closed = await World.open({ env: { ASTROTALK_DIGIO_WEBHOOK_SECRET: "" } });
  try {
    const body = newEvent();
    for (const key of ["", "guess"])
      assert.equal((await deliver(body, { "x-digio-checksum": sign(body, key) }, closed)).status, 401);
    assert.equal(await counted("closed", closed), 2);
    assert.equal(await closed.query("select count(*) from webhook_event"), "0");
  } finally {
    await closed.close();
  }
});
