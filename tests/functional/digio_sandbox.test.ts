// The sandbox's Digio by itself: what the server's adapter may rely on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { drive as driveRequest, setFaults, useDigio } from "./support/digio.ts";

const { sandbox } = useDigio();
const drive = (id: string, outcome: string) => driveRequest(sandbox(), id, outcome);
const faults = (...rules: unknown[]) => setFaults(sandbox(), ...rules);

const credentials = `Basic ${Buffer.from("sandbox-client:sandbox-client-secret").toString("base64")}`;
const template = "/client/kyc/v2/request/with_template";

async function raw(path: string, body: string, authorization?: string): Promise<Response> {
  const init: RequestInit = { method: "POST", body };
  if (authorization) init.headers = { authorization };
  return fetch(sandbox().base + path, init);
}

test("only the client's id and secret are let in", async () => {
  for (const claim of [undefined, "Basic !", "Basic c2FuZGJveC1jbGllbnQ6eA==", `Bearer ${credentials}`])
    assert.equal((await raw(template, "{}", claim)).status, 401);
  const refused = await raw(template, '{"customer_identifier": "a@b.in"}', credentials);
  assert.equal(refused.status, 400);
  assert.equal((await refused.json()).message, "Either of Template Name or Template Id is mandatory");
  assert.equal((await raw("/client/kyc/v2/KID0/response", "", credentials)).status, 404);
});

test("times are India's, and dates of birth are as India writes them", async () => {
  const kyc = await sandbox().create();
  await drive(kyc.id, "complete");
  const { now } = await sandbox().control("GET", "/clock");
  const truth = await sandbox().read(kyc);
  const made = Date.parse(`${truth.created_at.replace(" ", "T")}+05:30`);
  assert.ok(Math.abs(Date.parse(now) - made) < 60_000, `${now} and ${truth.created_at}`);
  assert.equal(truth.status, "approval_pending");
  assert.equal(truth.actions[0].status, "success");
  assert.match(truth.actions[0].details.aadhaar.dob, /^\d\d\/\d\d\/\d{4}$/);
  assert.match(truth.actions[0].details.aadhaar.id_number, /^x{8}\d{4}$/);
});

test("everything it ever tells of somebody holds no Aadhaar number of twelve digits", async () => {
  const kyc = await sandbox().create();
  await drive(kyc.id, "approve");
  const truth = await sandbox().read(kyc);
  delete truth.actions[0].details.aadhaar.image;
  const files = await Promise.all(
    ["AADHAAR", "PAN"].map((type) =>
      sandbox().digio(
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
  const kyc = await sandbox().create();
  const get = async (id: string, query = "") => {
    const url = `${sandbox().base}/client/kyc/v2/media/${id}${query}`;
    return fetch(url, { headers: { authorization: credentials } });
  };
  const before = (await sandbox().read(kyc)).actions[1].execution_request_id;
  assert.equal((await get(before)).status, 404);
  await drive(kyc.id, "complete");
  const [papers, selfie] = (await sandbox().read(kyc)).actions;
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
  assert.equal((await raw(template, "{}", credentials)).status, 400);
  const { items } = await sandbox().control("GET", "/digio/calls?call=create");
  assert.equal(items.pop().tookEffect, false); // it was refused
  assert.deepEqual(
    items.map((each: any) => each.tookEffect),
    [false, false, false, false, true, false, true, true],
  );
  assert.ok(items.every((each: any) => JSON.parse(each.body).transaction_id === "t-9"));
  assert.equal((await sandbox().control("GET", "/digio/requests")).items.length, 3);
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
    const kyc = await sandbox().create();
    const shown = await drive(kyc.id, outcome);
    assert.equal(shown.summary.status, status);
    assert.equal(shown.summary.history.filter((each: any) => each.event === event).length, 1);
    if (status === "requested") continue;
    for (const [again] of outcomes) await assert.rejects(drive(kyc.id, again), /answered 409/);
  }
});

test("a slow review is slow", async () => {
  await faults({ call: "review", fault: "slow_review", delayMs: 600_000, times: 1 });
  const kyc = await sandbox().create({ template_name: "DIGILOCKER_AADHAAR_PAN" });
  const slow = await sandbox().create({
    template_name: "DIGILOCKER_AADHAAR_PAN",
    generate_access_token: true,
  });
  const person = async (path: string, value: string) => {
    const url = `${sandbox().base}/digio/kyc/${slow.id}/${path}`;
    const headers = { authorization: `Bearer ${slow.access_token.id}` };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ value }) });
    assert.equal(answer.status, 200, await answer.clone().text());
  };
  await person("pan", "ABCPR1234F");
  await person("aadhaar", "1234");
  await person("code", (await sandbox().newestText(slow.customer_identifier)).slice(0, 6));
  await sandbox().advance(590);
  assert.equal((await sandbox().read(slow)).status, "approval_pending");
  await sandbox().advance(20);
  const done = await sandbox().read(slow);
  assert.equal(done.status, "approved");
  assert.equal(done.auto_approved, true);
  assert.equal((await sandbox().read(kyc)).status, "requested");
});

test("requests expire and staff approve, by the sandbox's clock", async () => {
  const kyc = await sandbox().create({ expire_in_days: 1, template_name: "DIGILOCKER_AADHAAR_PAN" });
  await sandbox().advance(24 * 3600 - 60);
  assert.equal((await sandbox().read(kyc)).status, "requested");
  await sandbox().advance(120);
  assert.equal((await sandbox().read(kyc)).status, "expired");

  const staff = await sandbox().create();
  await drive(staff.id, "complete");
  await sandbox().advance(3600);
  assert.equal((await sandbox().read(staff)).status, "approval_pending");
  const path = `/client/kyc/v2/request/${staff.id}/manage_approval`;
  const approved = await sandbox().digio(path, { status: "approved" });
  assert.equal(approved.status, "approved");
  assert.equal((await raw(path, '{"status": "approved"}', credentials)).status, 400);
});

test("what was refused is asked for again", async () => {
  const kyc = await sandbox().create();
  await drive(kyc.id, "reject");
  const again = await sandbox().digio(`/client/kyc/v2/request/${kyc.id}/reattempt`, {});
  assert.equal(again.status, "requested");
  assert.deepEqual(
    again.actions.map((each: any) => each.status),
    ["success", "success", "requested"],
  );
  await drive(kyc.id, "approve");
  assert.equal((await sandbox().read(kyc)).status, "approved");
});

test("people are whom the tests want them to be", async () => {
  const identifier = "+919876500009";
  const change = { identifier, nameOnPan: "R ASHA", dateOfBirth: "2012-03-04", faceMatch: 31 };
  await sandbox().control("PUT", "/digio/people", change);
  const kyc = await sandbox().create({ customer_identifier: identifier });
  await drive(kyc.id, "complete");
  const [papers, selfie] = (await sandbox().read(kyc)).actions;
  assert.equal(papers.details.pan.name, "R ASHA");
  assert.equal(papers.details.aadhaar.dob, "04/03/2012");
  assert.equal(selfie.face_match_result.confidence, 31);
  const whole = { identifier, aadhaarLast4: "123412341234" };
  await assert.rejects(sandbox().control("PUT", "/digio/people", whole), /answered 422/);
});
