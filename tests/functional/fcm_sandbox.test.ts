// The sandbox's FCM by itself: what the server's adapter may rely on.
import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { SignJWT, importPKCS8 } from "jose";
import { Sandbox } from "../browser/support/sandbox.ts";
import { scratchDirectory } from "./support/cluster.ts";

let sandbox: Sandbox;
let directory: string;
let account: Record<"type" | "project_id" | "private_key" | "client_email" | "token_uri", string>;

before(async () => {
  directory = await scratchDirectory("fcm");
  const file = join(directory, "account.json");
  sandbox = await Sandbox.start({ SANDBOX_FCM_ACCOUNT_FILE: file });
  account = JSON.parse(await readFile(file, "utf8"));
});
after(async () => {
  await sandbox?.stop();
  await rm(directory, { recursive: true, force: true });
});

// As Google's libraries make it, at an instant in seconds.
async function assertion(at: number): Promise<string> {
  return new SignJWT({ scope: "https://www.googleapis.com/auth/firebase.messaging" })
    .setProtectedHeader({ alg: "RS256" })
    .setIssuer(account.client_email)
    .setAudience(account.token_uri)
    .setIssuedAt(at)
    .setExpirationTime(at + 3600)
    .sign(await importPKCS8(account.private_key, "RS256"));
}

function ask(text: string): Promise<Response> {
  const body = new URLSearchParams({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: text,
  });
  return fetch(account.token_uri, { method: "POST", body });
}

async function signIn(): Promise<string> {
  const { now } = await sandbox.control("GET", "/clock");
  const answer = await ask(await assertion(Math.floor(Date.parse(now) / 1000)));
  return (await answer.json()).access_token;
}

function send(bearer: string, token: string, more = {}): Promise<Response> {
  return fetch(`${sandbox.base}/v1/projects/${account.project_id}/messages:send`, {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ message: { token, notification: { title: "Verified" }, ...more } }),
  });
}

test("only the service account's own key is let in", async () => {
  assert.equal(account.type, "service_account");
  const good = await assertion(Math.floor(Date.now() / 1000));
  assert.equal((await ask(good)).status, 200);
  const forged = await ask(`${good.slice(0, -8)}AAAAAAAA`);
  assert.equal(forged.status, 400);
  assert.equal((await forged.json()).error, "invalid_grant");
});

test("what a device is sent is kept, and access ends after an hour", async () => {
  const bearer = await signIn();
  const sent = await (await send(bearer, "device-1", { data: { kind: "kyc" } })).json();
  const kept: any = await (await fetch(`${sandbox.base}/push?token=device-1`)).json();
  assert.equal(kept.length, 1);
  assert.equal(kept[0].name, sent.name);
  assert.deepEqual(kept[0].message.data, { kind: "kyc" });
  assert.equal((await send("ya29.no", "device-1")).status, 401);
  assert.equal((await send(bearer, "device-1", { data: { n: 1 } })).status, 400);
  await sandbox.advance(3600);
  assert.equal((await send(bearer, "device-1")).status, 401);
});

test("failures have Google's words", async () => {
  const bearer = await signIn();
  const expected = { UNREGISTERED: 404, INVALID_ARGUMENT: 400, QUOTA_EXCEEDED: 429, UNAVAILABLE: 503 };
  const rest = { delayMs: 0, tokenStatus: 200, unregistered: ["gone"] };
  for (const [error, status] of Object.entries(expected)) {
    await sandbox.control("PUT", "/fcm", { error, times: 1, ...rest });
    const answer = await send(bearer, "device-2");
    assert.equal(answer.status, status);
    assert.equal((await answer.json()).error.details[0].errorCode, error);
    assert.equal((await send(bearer, "device-2")).status, 200);
  }
  assert.equal((await send(bearer, "gone")).status, 404);
});
