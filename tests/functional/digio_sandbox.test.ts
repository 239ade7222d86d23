// The sandbox's Digio and FCM by themselves: what the server's adapters may rely on.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { SignJWT, importPKCS8 } from "jose";
import { Sandbox } from "../browser/support/sandbox.ts";
import { scratchDirectory } from "./support/cluster.ts";
import { freePort, until } from "./support/program.ts";

const key = "a webhook secret";
let sandbox: Sandbox;
let receiver: Server;
let directory: string;

interface Arrival {
  body: string;
  checksum: string;
  event: string;
  id: string;
  kid: string;
}
const arrivals: Arrival[] = [];
let answers: number[] = []; // what the next webhooks are answered; then 200

function listen(port: number): Promise<Server> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      const { event, EVENT, id, ID } = JSON.parse(body);
      const kid = /KID[0-9A-Z]{29}/.exec(body)?.[0] ?? "";
      const checksum = String(request.headers["x-digio-checksum"]);
      arrivals.push({ body, checksum, event: event ?? EVENT, id: id ?? ID, kid });
      response.statusCode = answers.shift() ?? 200;
      response.end();
    });
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

before(async () => {
  const port = await freePort();
  directory = await scratchDirectory("digio");
  [receiver, sandbox] = await Promise.all([
    listen(port),
    Sandbox.start({
      SANDBOX_DIGIO_WEBHOOK_SECRET: key,
      SANDBOX_DIGIO_WEBHOOK_URL: `http://127.0.0.1:${port}/`,
      SANDBOX_FCM_ACCOUNT_FILE: join(directory, "account.json"),
    }),
  ]);
});
after(async () => {
  receiver?.close();
  await sandbox?.stop();
  await rm(directory, { recursive: true, force: true });
});
afterEach(async () => {
  await sandbox.control("POST", "/digio/reset");
  arrivals.length = 0;
  answers = [];
});

const faults = (...rules: unknown[]) => sandbox.control("PUT", "/digio", { rules });
const drive = (id: string, outcome: string) =>
  sandbox.control("POST", `/digio/requests/${id}`, { outcome });
const sum = (body: string, secret = key) => createHmac("sha256", secret).update(body).digest("hex");
const come = (count: number) =>
  until(`${count} webhooks`, async () => arrivals.length >= count && arrivals.slice());
// Those of the request's last steps, when nothing else is under way.
const settled = (count: number) =>
  until("webhooks to be delivered", async () => {
    const { items } = await sandbox.control("GET", "/digio/webhooks");
    return arrivals.length >= count && items.every((each: any) => each.outcome !== "waiting");
  });

async function raw(path: string, body: string, authorization?: string): Promise<Response> {
  const init: RequestInit = { method: "POST", body };
  if (authorization) init.headers = { authorization };
  return fetch(sandbox.base + path, init);
}
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;
const credentials = basic("sandbox-client:sandbox-client-secret");
const template = "/client/kyc/v2/request/with_template";

test("only the client's id and secret are let in", async () => {
  for (const claim of [undefined, "Basic !", basic("sandbox-client:x"), `Bearer ${credentials}`])
    assert.equal((await raw(template, "{}", claim)).status, 401);
  const refused = await raw(template, '{"customer_identifier": "a@b.in"}', credentials);
  assert.equal(refused.status, 400);
  assert.equal((await refused.json()).message, "Either of Template Name or Template Id is mandatory");
  assert.equal((await raw("/client/kyc/v2/KID0/response", "", credentials)).status, 404);
});

test("a request goes to approval with all of its webhooks, signed over their bytes", async () => {
  const kyc = await sandbox.create({ transaction_id: "t-1", reference_id: "r/1" });
  assert.match(kyc.id, /^KID\d{15}[0-9A-Z]{14}$/);
  assert.match(kyc.access_token.id, /^GWT\d{15}[0-9A-Z]{14}$/);
  await drive(kyc.id, "approve");
  const all = await come(11);
  assert.deepEqual(
    all.map((each) => each.event),
    [
      "kyc.request.created",
      ...Array<string>(3).fill("kyc.action.created"),
      "documents.pulled.successfully",
      ...Array<string>(3).fill("kyc.action.completed"),
      "kyc.request.completed",
      "kyc.request.review.ready",
      "kyc.request.approved",
    ],
  );
  for (const each of all) {
    assert.equal(each.checksum, sum(each.body));
    assert.match(each.id, /^WHN\d{15}[0-9A-Z]{14}$/);
  }
  assert.equal(new Set(all.map((each) => each.id)).size, all.length);
  const last = JSON.parse(all.at(-1)!.body);
  assert.deepEqual(last.entities, ["kyc_request"]);
  assert.equal(last.payload.kyc_request.status, "approved");
  assert.equal(last.payload.kyc_request.access_token, undefined);
  assert.match(last.created_at, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  const pulled = JSON.parse(all[4]!.body).payload.digilocker_request;
  assert.deepEqual(pulled, {
    kyc_request_id: kyc.id,
    state: "COMPLETED",
    customer_identifier: kyc.customer_identifier,
  });
  // GET and POST tell the same truth.
  assert.deepEqual(
    await sandbox.digio(`/client/kyc/v2/${kyc.id}/response`, {}, "GET"),
    await sandbox.read(kyc),
  );
});

test("times are India's, and dates of birth are as India writes them", async () => {
  const kyc = await sandbox.create();
  await drive(kyc.id, "complete");
  const { now } = await sandbox.control("GET", "/clock");
  const truth = await sandbox.read(kyc);
  const made = Date.parse(`${truth.created_at.replace(" ", "T")}+05:30`);
  assert.ok(Math.abs(Date.parse(now) - made) < 60_000, `${now} and ${truth.created_at}`);
  assert.equal(truth.status, "approval_pending");
  assert.equal(truth.actions[0].status, "success");
  assert.match(truth.actions[0].details.aadhaar.dob, /^\d\d\/\d\d\/\d{4}$/);
  assert.match(truth.actions[0].details.aadhaar.id_number, /^x{8}\d{4}$/);
});

test("everything it ever tells of somebody holds no Aadhaar number of twelve digits", async () => {
  const kyc = await sandbox.create();
  await drive(kyc.id, "approve");
  const truth = await sandbox.read(kyc);
  delete truth.actions[0].details.aadhaar.image;
  const files = await Promise.all(
    ["AADHAAR", "PAN"].map((type) =>
      sandbox.digio(
        `/client/kyc/v2/media/${truth.actions[0].file_id}?doc_type=${type}&xml=true&base64=true`,
        {},
        "GET",
      ),
    ),
  );
  const told = JSON.stringify(truth).replaceAll(kyc.customer_identifier, "");
  for (const text of [told, ...files.map((each) => Buffer.from(each.file_in_base64, "base64").toString())])
    assert.doesNotMatch(text, /(?<![0-9A-Z])\d{4} ?\d{4} ?\d{4}(?![0-9A-Z])/);
});

test("media is found by file and by execution, once it is there", async () => {
  const kyc = await sandbox.create();
  const get = async (id: string, query = "") => {
    const url = `${sandbox.base}/client/kyc/v2/media/${id}${query}`;
    return fetch(url, { headers: { authorization: credentials } });
  };
  const before = (await sandbox.read(kyc)).actions[1].execution_request_id;
  assert.equal((await get(before)).status, 404);
  await drive(kyc.id, "complete");
  const [papers, selfie] = (await sandbox.read(kyc)).actions;
  for (const id of [selfie.file_id, selfie.execution_request_id]) {
    const picture = await get(id);
    assert.equal(picture.headers.get("content-type"), "image/png");
    assert.equal(
      Buffer.from(await picture.arrayBuffer())
        .subarray(1, 4)
        .toString(),
      "PNG",
    );
  }
  assert.equal((await get(papers.file_id)).status, 400);
  assert.equal((await get(papers.file_id, "?doc_type=PAN")).headers.get("content-type"), "application/pdf");
});

test("a webhook that is refused comes again, ever later, until it is taken", async () => {
  answers = [500, 404, 302, 503];
  await sandbox.create({ template_name: "DIGILOCKER_AADHAAR_PAN" });
  await come(2); // both events of the creation
  const counts = async () => {
    const { items } = await sandbox.control("GET", "/digio/webhooks");
    return items.map((each: any) => each.attempts.length).sort();
  };
  const tried = (times: number) =>
    until(`attempt ${times} to be noted`, async () => (await counts()).every((n: number) => n === times));
  await tried(1);
  await sandbox.advance(1);
  await tried(2);
  await sandbox.advance(5);
  await settled(6);
  assert.deepEqual(await counts(), [3, 3]);
  await sandbox.advance(10 * 3600);
  assert.equal(arrivals.length, 6);
});

test("a webhook that is never taken is given up", async () => {
  answers = Array<number>(100).fill(500);
  await sandbox.create({ template_name: "DIGILOCKER_AADHAAR_PAN" });
  for (const [attempt, wait] of [1, 5, 30, 120, 600, 1800, 3600, 7200].entries()) {
    await come(2 * (attempt + 1));
    await until("the refusal to be noted", async () => {
      const { items } = await sandbox.control("GET", "/digio/webhooks");
      return items.every((each: any) => each.attempts.length === attempt + 1);
    });
    await sandbox.advance(wait);
  }
  await settled(18);
  const { items } = await sandbox.control("GET", "/digio/webhooks");
  assert.deepEqual(
    items.map((each: any) => [each.outcome, each.attempts.length]),
    [
      ["given_up", 9],
      ["given_up", 9],
    ],
  );
});

test("webhooks go wrong as they are told to", async () => {
  const once = (fault: string, more = {}) => ({ call: "webhook", fault, times: 1, ...more });
  const cases: [object[], (all: Arrival[], names: string[]) => void, number][] = [
    [[once("duplicate")], ([a, b]) => assert.equal(a!.body, b!.body), 3],
    [
      [once("altered")],
      (all) => {
        const [a, b] = all.filter((each) => each.id === all[0]!.id);
        assert.notEqual(a!.body, b!.body);
        assert.equal(b!.checksum, sum(b!.body));
      },
      3,
    ],
    [[once("drop")], (_, names) => assert.deepEqual(names, ["kyc.action.created"]), 1],
    [
      [once("reorder")],
      (_, names) => assert.deepEqual(names, ["kyc.action.created", "kyc.request.created"]),
      2,
    ],
    [[once("bad_checksum")], ([a]) => assert.notEqual(a!.checksum, sum(a!.body)), 2],
    [
      [once("upper_case")],
      ([a]) => {
        const shouted = JSON.parse(a!.body);
        assert.equal(shouted.EVENT, "KYC.REQUEST.CREATED");
        assert.equal(shouted.PAYLOAD.KYC_REQUEST.STATUS, "REQUESTED");
        assert.equal(a!.checksum, sum(a!.body));
      },
      2,
    ],
    [
      [once("stale", { event: "kyc.action.created" })],
      (all) => {
        const old = all.filter((each) => each.event === "kyc.request.created");
        assert.equal(old.length, 2);
        assert.notEqual(old[0]!.id, old[1]!.id);
      },
      3,
    ],
    [
      [once("old_created_at")],
      ([a, b]) => assert.ok(JSON.parse(a!.body).created_at < JSON.parse(b!.body).created_at),
      2,
    ],
  ];
  for (const [rules, expect, count] of cases) {
    await sandbox.control("POST", "/digio/reset");
    arrivals.length = 0;
    await faults(...rules);
    await sandbox.create({ template_name: "DIGILOCKER_AADHAAR_PAN" });
    const all = await come(count);
    expect(
      all,
      all.map((each) => each.event),
    );
  }
});

test("a delayed webhook comes when its time has come", async () => {
  await faults({ call: "webhook", fault: "delay", delayMs: 60_000, event: "kyc.request.created" });
  await sandbox.create({ template_name: "DIGILOCKER_AADHAAR_PAN" });
  await come(1);
  await sandbox.advance(50);
  assert.deepEqual(
    arrivals.map((each) => each.event),
    ["kyc.action.created"],
  );
  await sandbox.advance(10);
  assert.equal((await come(2))[1]!.event, "kyc.request.created");
});

test("calls go wrong one after another, and what took effect can be told", async () => {
  await faults(
    { call: "create", fault: "status", status: 429, retryAfterSeconds: 7, times: 1 },
    { call: "create", fault: "status", status: 429, times: 1 },
    { call: "create", fault: "status", status: 500, times: 1 },
    { call: "create", fault: "not_json", times: 1 },
    { call: "create", fault: "lost_answer", status: 504, times: 1 },
    { call: "create", fault: "timeout", delayMs: 50, times: 1 },
    { call: "create", fault: "upper_case", times: 1 },
  );
  const asked = JSON.stringify({
    customer_identifier: "a@b.in",
    template_name: "DIGILOCKER_AADHAAR_PAN",
    transaction_id: "t-9",
  });
  const seen = [];
  for (let i = 0; i < 8; ++i) {
    const answer = await raw(template, asked, credentials);
    const text = await answer.text();
    const id = text.startsWith("{") ? Object.keys(JSON.parse(text))[0] : "html";
    seen.push([answer.status, answer.headers.get("retry-after"), id]);
  }
  assert.deepEqual(seen, [
    [429, "7", "code"],
    [429, null, "code"],
    [500, null, "code"],
    [502, null, "html"],
    [504, null, "code"],
    [504, null, "code"],
    [200, null, "ID"],
    [200, null, "id"],
  ]);
  const { items } = await sandbox.control("GET", "/digio/calls?call=create");
  assert.deepEqual(
    items.map((each: any) => each.tookEffect),
    [false, false, false, false, true, false, true, true],
  );
  assert.ok(items.every((each: any) => JSON.parse(each.body).transaction_id === "t-9"));
  assert.equal((await sandbox.control("GET", "/digio/requests")).items.length, 3);
});

test("every outcome ends in its state, tells it once, and is final", async () => {
  const outcomes = [
    ["approve", "approved", "kyc.request.approved"],
    ["reject", "rejected", "kyc.request.rejected"],
    ["fail", "failed", "kyc.request.terminated"],
    ["cancel", "failed", "kyc.request.terminated"],
    ["expire", "expired", "kyc.request.expired"],
    ["drop_call", "requested", "kyc.action.call.terminated"],
  ] as const;
  for (const [outcome, status, event] of outcomes) {
    const kyc = await sandbox.create();
    const shown = await drive(kyc.id, outcome);
    assert.equal(shown.summary.status, status);
    assert.equal(shown.summary.history.filter((each: any) => each.event === event).length, 1);
    if (status === "requested") continue;
    for (const [again] of outcomes) await assert.rejects(drive(kyc.id, again), /answered 409/);
  }
});

test("a slow review is slow", async () => {
  await faults({ call: "review", fault: "slow_review", delayMs: 600_000, times: 1 });
  const kyc = await sandbox.create({ template_name: "DIGILOCKER_AADHAAR_PAN" });
  const slow = await sandbox.create({
    template_name: "DIGILOCKER_AADHAAR_PAN",
    generate_access_token: true,
  });
  const person = async (path: string, value: string) => {
    const url = `${sandbox.base}/digio/kyc/${slow.id}/${path}`;
    const headers = { authorization: `Bearer ${slow.access_token.id}` };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ value }) });
    assert.equal(answer.status, 200, await answer.clone().text());
  };
  await person("pan", "ABCPR1234F");
  await person("aadhaar", "1234");
  await person("code", (await sandbox.newestText(slow.customer_identifier)).slice(0, 6));
  await sandbox.advance(590);
  assert.equal((await sandbox.read(slow)).status, "approval_pending");
  await sandbox.advance(20);
  const done = await sandbox.read(slow);
  assert.equal(done.status, "approved");
  assert.equal(done.auto_approved, true);
  assert.equal((await sandbox.read(kyc)).status, "requested");
});

test("requests expire and staff approve, by the sandbox's clock", async () => {
  const kyc = await sandbox.create({ expire_in_days: 1, template_name: "DIGILOCKER_AADHAAR_PAN" });
  await sandbox.advance(24 * 3600 - 60);
  assert.equal((await sandbox.read(kyc)).status, "requested");
  await sandbox.advance(120);
  assert.equal((await sandbox.read(kyc)).status, "expired");

  const staff = await sandbox.create();
  await drive(staff.id, "complete");
  await sandbox.advance(3600);
  assert.equal((await sandbox.read(staff)).status, "approval_pending");
  const path = `/client/kyc/v2/request/${staff.id}/manage_approval`;
  const approved = await sandbox.digio(path, { status: "approved" });
  assert.equal(approved.status, "approved");
  assert.equal((await raw(path, '{"status": "approved"}', credentials)).status, 400);
});

test("what was refused is asked for again", async () => {
  const kyc = await sandbox.create();
  await drive(kyc.id, "reject");
  const again = await sandbox.digio(`/client/kyc/v2/request/${kyc.id}/reattempt`, {});
  assert.equal(again.status, "requested");
  assert.deepEqual(
    again.actions.map((each: any) => each.status),
    ["success", "success", "requested"],
  );
  await drive(kyc.id, "approve");
  assert.equal((await sandbox.read(kyc)).status, "approved");
});

test("people are whom the tests want them to be", async () => {
  const identifier = "+919876500009";
  const change = { identifier, nameOnPan: "R ASHA", dateOfBirth: "2012-03-04", faceMatch: 31 };
  await sandbox.control("PUT", "/digio/people", change);
  const kyc = await sandbox.create({ customer_identifier: identifier });
  await drive(kyc.id, "complete");
  const [papers, selfie] = (await sandbox.read(kyc)).actions;
  assert.equal(papers.details.pan.name, "R ASHA");
  assert.equal(papers.details.aadhaar.dob, "04/03/2012");
  assert.equal(selfie.face_match_result.confidence, 31);
  const whole = { identifier, aadhaarLast4: "123412341234" };
  await assert.rejects(sandbox.control("PUT", "/digio/people", whole), /answered 422/);
});

test("the same seed meets the same people and the same chances", async () => {
  const round = async (seed: number) => {
    await sandbox.control("POST", "/digio/reset", { seed });
    await faults({ call: "webhook", fault: "drop", percent: 50 });
    for (let i = 0; i < 10; ++i) await sandbox.create({ customer_identifier: `a${i}@b.in` });
    const { items } = await sandbox.control("GET", "/digio/webhooks");
    const who = await sandbox.control("GET", "/digio/people?identifier=a1%40b.in");
    return { pan: who.pan, dropped: items.map((each: any) => each.outcome === "dropped") };
  };
  const one = await round(5);
  assert.deepEqual(await round(5), one);
  assert.notDeepEqual(await round(6), one);
});

test("FCM lets the service account in, keeps what a device was sent, and fails in Google's words", async () => {
  const account = JSON.parse(await readFile(join(directory, "account.json"), "utf8"));
  assert.equal(account.type, "service_account");
  const assertion = await new SignJWT({ scope: "https://www.googleapis.com/auth/firebase.messaging" })
    .setProtectedHeader({ alg: "RS256", kid: account.private_key_id })
    .setIssuer(account.client_email)
    .setAudience(account.token_uri)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(await importPKCS8(account.private_key, "RS256"));
  const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  const ask = (text: string) =>
    fetch(account.token_uri, {
      method: "POST",
      body: new URLSearchParams({ grant_type: grant, assertion: text }),
    });
  const forged = await ask(assertion.slice(0, -8) + "AAAAAAAA");
  assert.equal((await forged.json()).error, "invalid_grant");
  // The clock was moved by the tests before this one; the account's own was not.
  const { now } = await sandbox.control("GET", "/clock");
  const ahead = Math.round((Date.parse(now) - Date.now()) / 1000);
  assert.ok(ahead > 3600);
  assert.equal((await ask(assertion)).status, 400);
  const seconds = Math.floor(Date.parse(now) / 1000);
  const fresh = await new SignJWT({ scope: "https://www.googleapis.com/auth/firebase.messaging" })
    .setProtectedHeader({ alg: "RS256" })
    .setIssuer(account.client_email)
    .setAudience(account.token_uri)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 3600)
    .sign(await importPKCS8(account.private_key, "RS256"));
  const { access_token } = await (await ask(fresh)).json();

  const send = (token: string, more = {}, bearer = access_token) =>
    fetch(`${sandbox.base}/v1/projects/${account.project_id}/messages:send`, {
      method: "POST",
      headers: { authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ message: { token, notification: { title: "Verified" }, ...more } }),
    });
  const sent = await (await send("device-1", { data: { kind: "kyc" } })).json();
  const kept = await (await fetch(`${sandbox.base}/push?token=device-1`)).json();
  assert.equal(kept.length, 1);
  assert.equal(kept[0].name, sent.name);
  assert.deepEqual(kept[0].message.data, { kind: "kyc" });
  assert.equal((await send("device-1", {}, "ya29.no")).status, 401);
  assert.equal((await send("device-1", { data: { n: 1 } })).status, 400);

  const expected = { UNREGISTERED: 404, INVALID_ARGUMENT: 400, QUOTA_EXCEEDED: 429, UNAVAILABLE: 503 };
  const rest = { delayMs: 0, tokenStatus: 200, unregistered: ["gone"] };
  for (const [error, status] of Object.entries(expected)) {
    await sandbox.control("PUT", "/fcm", { error, times: 1, ...rest });
    const answer = await send("device-2");
    assert.equal(answer.status, status);
    assert.equal((await answer.json()).error.details[0].errorCode, error);
    assert.equal((await send("device-2")).status, 200);
  }
  assert.equal((await send("gone")).status, 404);
  await sandbox.advance(3600);
  assert.equal((await send("device-1")).status, 401);
});
