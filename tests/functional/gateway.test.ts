// What every route has in common: the gateway's steps, its limits and its errors.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { hold, listedAstrologer, slotsOf } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { Person } from "./support/person.ts";
import { randomAddress } from "./support/place.ts";
import { bytes, send } from "./support/raw.ts";
import { root, useWorld } from "./support/world.ts";

let user: Person;
let astrologer: Person;
const world = useWorld({ env: { ASTROTALK_IP_RATE: "5", ASTROTALK_IP_BURST: "40" } }, async (world) => {
  astrologer = await listedAstrologer(world, await world.admin());
  user = await new Person(world).join();
});

const bearer = () => ({
  authorization: `Bearer ${user.tokens!.access}`,
  "x-forwarded-for": randomAddress(),
});
const asJson = () => ({ ...bearer(), "content-type": "application/json", "idempotency-key": randomUUID() });

test("answers carry a request id, no-store and the security headers", async () => {
  const reply = await send(world().base, "GET", "/v1/me", { headers: bearer() });
  assert.match(reply.headers.get("x-request-id")!, /^[\w-]{8,64}$/);
  assert.equal(reply.headers.get("x-content-type-options"), "nosniff");
  assert.match(reply.headers.get("cache-control")!, /no-store/);
  assert.ok(reply.headers.get("date"));
  const again = await send(world().base, "GET", "/v1/me", { headers: bearer() });
  assert.notEqual(again.headers.get("x-request-id"), reply.headers.get("x-request-id"));
});

test("an unknown path is 404, a method that a path does not offer is 405 with what it allows", async () => {
  const unknown = await send(world().base, "GET", "/v1/nothing");
  assert.equal(`${unknown.status} ${unknown.json.code}`, "404 not_found");
  const wrong = await send(world().base, "DELETE", "/v1/wallet", { headers: bearer() });
  assert.equal(`${wrong.status} ${wrong.json.code}`, "405 method_not_allowed");
  assert.match(wrong.headers.get("allow")!, /\bGET\b/);
});

test("CORS: an allowed origin may send what the API and the AWS clients need; others may not", async () => {
  const ask = (target: string, origin: string, wanted: string) =>
    send(world().base, "OPTIONS", target, {
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": wanted,
      },
    });
  const names = (reply: Awaited<ReturnType<typeof ask>>) =>
    (reply.headers.get("access-control-allow-headers") ?? "").toLowerCase().split(/\s*,\s*/);
  const api = ["authorization", "content-type", "idempotency-key"];
  const aws = [
    "content-type",
    "x-amz-target",
    "cache-control",
    "x-amz-user-agent",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
  ];
  for (const [target, wanted] of [
    ["/v1/holds", api],
    ["/cognito/", aws],
  ] as const) {
    const reply = await ask(target, "http://localhost:3000", wanted.join(","));
    assert.ok(reply.status === 204 || reply.status === 200, `${target}: ${reply.status}`);
    assert.equal(reply.headers.get("access-control-allow-origin"), "http://localhost:3000");
    for (const name of wanted) assert.ok(names(reply).includes(name), `${target} allows ${name}`);
    const stranger = await ask(target, "https://evil.example", wanted.join(","));
    assert.equal(stranger.headers.get("access-control-allow-origin"), null);
  }
  const headers = { ...bearer(), origin: "http://localhost:3000" };
  const answer = await send(world().base, "GET", "/v1/me", { headers });
  const exposed = answer.headers.get("access-control-expose-headers")!.toLowerCase();
  for (const name of ["x-request-id", "x-amzn-errortype", "x-amzn-errormessage", "x-amzn-requestid"])
    assert.ok(exposed.includes(name), name);
  assert.match(answer.headers.get("vary")!, /origin/i);
});

test("a query that cannot be decoded is 400, and no filter is left out for it", async () => {
  for (const path of ["/v1/astrologers", "/v1/bookings", "/v1/admin/astrologers", "/v1/config"])
    for (const query of ["status=%zz", "channel=chat&skill=%4", "from=%ff", "a=%00"]) {
      const broken = await send(world().base, "GET", `${path}?${query}`, { headers: bearer() });
      assert.equal(`${broken.status} ${broken.json.code}`, "400 malformed_query", `${path}?${query}`);
    }
  const whole = await send(world().base, "GET", "/v1/astrologers?language=%68i", { headers: bearer() });
  assert.equal(whole.status, 200);
});

test("a body that is not JSON is 400; every fault of a body is listed, never with the value", async () => {
  const malformed = await send(world().base, "POST", "/v1/holds", {
    headers: asJson(),
    body: '{"minutes":',
  });
  assert.equal(`${malformed.status} ${malformed.json.code}`, "400 malformed_json");
  const body = JSON.stringify({ astrologerId: "sekrit", startsAt: "sekrit", minutes: "sekrit", sekrit: 1 });
  const faulty = await send(world().base, "POST", "/v1/holds", { headers: asJson(), body });
  assert.equal(`${faulty.status} ${faulty.json.code}`, "422 invalid_request");
  const pointers = faulty.json.errors.map(({ pointer }: { pointer: string }) => pointer);
  for (const pointer of ["/astrologerId", "/startsAt", "/minutes", "/channel"])
    assert.ok(pointers.includes(pointer), pointer);
  assert.ok(!faulty.json.errors.some(({ detail }: { detail: string }) => detail.includes("sekrit")));
  const nested = await send(world().base, "POST", "/v1/holds", {
    headers: asJson(),
    body: "[".repeat(50_000),
  });
  assert.equal(nested.status, 400);
  const lengths = await send(world().base, "POST", "/v1/holds", {
    headers: asJson(),
    body: JSON.stringify({
      astrologerId: astrologer.sub,
      startsAt: "2030-01-01T00:00:00Z",
      minutes: 20,
      channel: "chat",
    }),
  });
  assert.equal(lengths.status, 422);
  assert.deepEqual(
    lengths.json.errors.map(({ pointer }: { pointer: string }) => pointer),
    ["/minutes"],
  );
});

test("bad parameters of a query are 422", async () => {
  const beyond = ["channel=fax", "sort=name", "minPrice=-1", "maxPrice=1.5"];
  for (const query of ["limit=0", "limit=101", "limit=x", ...beyond]) {
    const reply = await send(world().base, "GET", `/v1/astrologers?${query}`);
    assert.equal(`${reply.status} ${reply.json.code}`, "422 invalid_request", query);
  }
  for (const query of ["cursor=garbage", "sort=price&cursor=garbage"]) {
    const reply = await send(world().base, "GET", `/v1/astrologers?${query}`);
    assert.equal(`${reply.status} ${reply.json.code}`, "400 invalid_cursor", query);
  }
  for (const query of ["days=0", "days=31", "minutes=20", "from=yesterday", "channel=fax"]) {
    const channel = query.startsWith("channel") ? "" : "&channel=chat";
    const target = `/v1/astrologers/${astrologer.sub}/slots?${query}${channel}`;
    const reply = await send(world().base, "GET", target, { headers: bearer() });
    assert.equal(`${reply.status} ${reply.json.code}`, "422 invalid_request", query);
  }
});

test("too large a body is 413, told before it is read; too large a header ends the connection", async () => {
  const head = "POST /v1/holds HTTP/1.1\r\nhost: x\r\ncontent-length: 99000000\r\n\r\n";
  assert.match(await bytes(world().base, head), /^HTTP\/1\.1 413 /);
  const long = await bytes(
    world().base,
    `GET /v1/config HTTP/1.1\r\nhost: x\r\nx-long: ${"a".repeat(200_000)}\r\n\r\n`,
  );
  assert.match(long, /^(HTTP\/1\.1 4(31|00|13) |$)/);
  const garbage = await bytes(world().base, "NONSENSE\r\n\r\n");
  assert.match(garbage, /^(HTTP\/1\.1 400 |$)/);
  assert.equal((await send(world().base, "GET", "/healthz")).status, 200);
});

test("at /cognito/ too large a body is an exception that its clients read", async () => {
  const head = "POST /cognito/ HTTP/1.1\r\nhost: x\r\n";
  const chunk = `10000\r\n${"a".repeat(0x10000)}\r\n`;
  for (const sent of [
    `${head}content-length: 99000000\r\n\r\n`,
    `${head}transfer-encoding: chunked\r\n\r\n${chunk.repeat(17)}0\r\n\r\n`,
  ]) {
    const reply = await bytes(world().base, sent);
    assert.match(reply, /^HTTP\/1\.1 400 /);
    assert.match(reply, /\r\nx-amzn-errortype: InvalidParameterException\r\n/);
    assert.match(reply, /\r\ncontent-type: application\/x-amz-json-1\.1\r\n/);
    assert.match(reply, /"__type":"InvalidParameterException"/);
  }
});

test("requests that could be read in two ways are refused", async () => {
  const both =
    "POST /v1/holds HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n" +
    "0\r\n\r\nGET /v1/config HTTP/1.1\r\nhost: x\r\n\r\n";
  const reply = await bytes(world().base, both);
  assert.doesNotMatch(reply, /HTTP\/1\.1 200/);
});

test("pipelined requests are answered in order", async () => {
  const get = (path: string) =>
    `GET ${path} HTTP/1.1\r\nhost: x\r\nx-forwarded-for: ${randomAddress()}\r\n\r\n`;
  const reply = await bytes(world().base, get("/v1/config") + get("/v1/nothing") + get("/healthz"));
  assert.deepEqual(reply.match(/HTTP\/1\.1 (\d+)/g), ["HTTP/1.1 200", "HTTP/1.1 404", "HTTP/1.1 200"]);
});

test("one address that asks too much is told to wait; another is not", async () => {
  const one = { headers: { "x-forwarded-for": randomAddress() } };
  const replies = await Promise.all(
    Array.from({ length: 120 }, () => send(world().base, "GET", "/v1/config", one)),
  );
  const limited = replies.filter(({ status }) => status === 429);
  assert.ok(limited.length >= 40 && limited.length < 110, `${limited.length} of 120 were limited`);
  assert.ok(replies.every(({ status }) => status === 200 || status === 429));
  assert.equal(limited[0]!.json.code, "rate_limited");
  assert.match(limited[0]!.headers.get("retry-after")!, /^\d+$/);
  assert.equal((await send(world().base, "GET", "/v1/config")).status, 200);
});

test("at /cognito/ too much is an exception that its clients read", async () => {
  const target = "AWSCognitoIdentityProviderService.GetUser";
  const headers = { "x-forwarded-for": randomAddress(), "x-amz-target": target };
  const replies = await Promise.all(
    Array.from({ length: 120 }, () => send(world().base, "POST", "/cognito/", { headers, body: "{}" })),
  );
  const limited = replies.filter(({ json }) => json.__type === "TooManyRequestsException");
  assert.ok(limited.length >= 40, `${limited.length} of 120 were limited`);
  for (const { status, headers: got } of limited) {
    assert.equal(status, 400);
    assert.equal(got.get("x-amzn-errortype"), "TooManyRequestsException");
    assert.match(got.get("retry-after")!, /^\d+$/);
  }
});

test("without Idempotency-Key nothing is done", async () => {
  const { "idempotency-key": _, ...headers } = asJson();
  const body = JSON.stringify({
    astrologerId: astrologer.sub,
    startsAt: "2030-01-01T00:00:00Z",
    minutes: 15,
    channel: "chat",
  });
  const reply = await send(world().base, "POST", "/v1/holds", { headers, body });
  assert.equal(`${reply.status} ${reply.json.code}`, "400 idempotency_key_required");
});

test("the same key and body give the stored answer; the same key with another body is refused", async () => {
  const { items } = await slotsOf(user, astrologer);
  const key = randomUUID();
  const first = await hold(user, astrologer.sub, items[5]!.startsAt, 15, key);
  assert.equal(first.response.status, 201);
  assert.equal(first.response.headers.get("idempotent-replayed"), null);
  const again = await hold(user, astrologer.sub, items[5]!.startsAt, 15, key);
  assert.equal(again.response.status, 201);
  assert.equal(again.response.headers.get("idempotent-replayed"), "true");
  assert.deepEqual(again.data, first.data);
  await refused(hold(user, astrologer.sub, items[6]!.startsAt, 15, key), 422, "idempotency_key_reused");
  await refused(
    hold(user, astrologer.sub, items[5]!.startsAt, 15, key, "call"),
    422,
    "idempotency_key_reused",
  );
  const stranger = await new Person(world()).join();
  const theirs = await ok(hold(stranger, astrologer.sub, items[8]!.startsAt, 15, key));
  assert.notEqual(theirs.id, first.data!.id);
});

test("twenty duplicates in flight do it once", async () => {
  const one = await new Person(world()).join();
  const { items } = await slotsOf(one, astrologer);
  const { startsAt } = items[12]!;
  const key = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => ok(hold(one, astrologer.sub, startsAt, 15, key))),
  );
  assert.equal(new Set(answers.map(({ id }) => id)).size, 1);
});

test("the page at /docs is the contract's, whole, and loads nothing from elsewhere", async () => {
  const reply = await send(world().base, "GET", "/docs");
  assert.equal(reply.text, readFileSync(`${root}/server/src/docs_page/docs.html`, "utf8"));
  assert.doesNotMatch(reply.text, /<(script|link|img|iframe)\b|@import|url\(/);
});

test("/metrics speaks Prometheus and names no person", async () => {
  const reply = await send(world().base, "GET", "/metrics");
  assert.match(reply.text, /^# TYPE \w+ (counter|gauge|histogram)$/m);
  assert.doesNotMatch(reply.text, /\+91\d/);
});

test("the log has no phone, code or token", async () => {
  const log = world().server.lines.join("\n");
  for (const secret of [user.phone, user.phone.slice(3), user.tokens!.access, user.tokens!.refresh]) {
    assert.ok(!log.includes(secret), "a secret is in the log");
  }
});
