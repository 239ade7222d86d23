// The server ends TLS itself: what it speaks and refuses, how its certificate is replaced, and that stock
// verifiers fetch its keys.
import assert from "node:assert/strict";
import { copyFile, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { test } from "node:test";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { JwtVerifier } from "aws-jwt-verify";
import { validateCognitoJwtFields } from "aws-jwt-verify/cognito-verifier";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { discovery } from "openid-client";
import { Authority, type KeyPair } from "./support/certificates.ts";
import { scratchDirectory } from "./support/cluster.ts";
import { Person } from "./support/person.ts";
import { run, until } from "./support/program.ts";
import { bytes, send } from "./support/raw.ts";
import { astrotalk, useWorld } from "./support/world.ts";

const authority = Authority.current();
const directory = await scratchDirectory("tls");
const served: KeyPair = { certificate: join(directory, "served.pem"), key: join(directory, "served.key") };

async function serveAlso(pair: KeyPair) {
  await copyFile(pair.certificate, served.certificate);
  await copyFile(pair.key, served.key);
}
await serveAlso(await authority.issue("first"));

let person: Person;
const env = { ASTROTALK_TLS_CERTIFICATE: served.certificate, ASTROTALK_TLS_KEY: served.key };
const world = useWorld({ env }, async (world) => {
  person = await new Person(world).join();
});

const port = () => Number(new URL(world().base).port);

function greet(options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: port(), host: "127.0.0.1", ...options }, () => resolve(socket));
    socket.on("error", reject);
  });
}

const subject = (socket: TLSSocket) => String(socket.getPeerCertificate().subject.CN);
async function servedSubject(): Promise<string> {
  const socket = await greet();
  const name = subject(socket);
  socket.destroy();
  return name;
}

test("TLS 1.2 and 1.3 with modern ciphers and HTTP/1.1, and nothing older", async () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    const socket = await greet({
      minVersion: version,
      maxVersion: version,
      ALPNProtocols: ["h2", "http/1.1"],
    });
    assert.equal(socket.getProtocol(), version);
    assert.equal(socket.alpnProtocol, "http/1.1");
    assert.match(socket.getCipher().name, /^(ECDHE-.*GCM.*|ECDHE-.*CHACHA20.*|TLS_AES.*|TLS_CHACHA20.*)$/);
    socket.destroy();
  }
  const weak = { ciphers: "DEFAULT@SECLEVEL=0" };
  for (const version of ["TLSv1", "TLSv1.1"] as const)
    await assert.rejects(greet({ ...weak, minVersion: version, maxVersion: version }), /protocol|version/i);
  const ciphers = ["AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "DHE-RSA-AES128-SHA"].join(":");
  await assert.rejects(
    greet({ maxVersion: "TLSv1.2", ciphers: `${ciphers}@SECLEVEL=0` }),
    /handshake|cipher/i,
  );
  await assert.rejects(greet({ ALPNProtocols: ["h2"] }), /no.application.protocol/i);
});

test("no session is resumed, nor a connection renegotiated", async () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    const first = await greet({ maxVersion });
    let session = first.getSession();
    first.on("session", (later) => (session = later));
    first.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    await new Promise((resolve) => first.once("data", resolve));
    assert.equal(first.getTLSTicket(), undefined);
    if (maxVersion === "TLSv1.2") {
      const asked = performance.now();
      const refused = new Promise((resolve) => first.renegotiate({}, resolve));
      const ended = new Promise((resolve) => first.once("error", resolve));
      assert.ok(await Promise.race([refused, ended]), "a renegotiation succeeded");
      assert.ok(performance.now() - asked < 5_000, "it was not refused but ignored");
    }
    first.destroy();
    const second = await greet({ maxVersion, ...(session ? { session } : {}) });
    assert.equal(second.isSessionReused(), false);
    second.destroy();
  }
});

test("plain HTTP gets no answer, TLS says that it is to stay", async () => {
  const plain = await bytes(world().base, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
  assert.doesNotMatch(plain, /HTTP\/1\.1/);
  const reply = await send(world().base, "GET", "/healthz");
  assert.match(reply.headers.get("strict-transport-security")!, /^max-age=\d{7,}/);
});

test("a certificate is replaced on SIGHUP and by itself, and connections live on", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = () =>
    new Promise<{ status: number; from: string; reused: boolean }>((resolve, reject) => {
      const asked = request(`${world().base}/healthz`, { agent }, (answer) => {
        const from = subject(answer.socket as TLSSocket);
        answer.resume();
        answer.on("end", () => resolve({ status: answer.statusCode!, from, reused: asked.reusedSocket }));
      });
      asked.on("error", reject);
      asked.end();
    });
  assert.equal((await ask()).from, "first");
  await serveAlso(await authority.issue("second"));
  world().server.signal("SIGHUP");
  await until("the second certificate", async () => (await servedSubject()) === "second");
  assert.deepEqual(await ask(), { status: 200, from: "first", reused: true });
  await serveAlso(await authority.issue("third"));
  await until("the third certificate", async () => (await servedSubject()) === "third");
  await writeFile(served.certificate, "not a certificate");
  world().server.signal("SIGHUP");
  await until("to be told", async () =>
    world().server.lines.some((line) => line.includes('"certificate.not_loaded"')),
  );
  assert.equal(await servedSubject(), "third");
  await serveAlso(await authority.issue("fourth"));
  await until("the fourth certificate", async () => (await servedSubject()) === "fourth");
  assert.deepEqual(await ask(), { status: 200, from: "first", reused: true });
  agent.destroy();
});

test("a key of another certificate, or none at all, is a plain error at the start", async () => {
  const one = await authority.issue("one");
  const other = await authority.issue("other");
  const start = (env: Record<string, string>) =>
    run(astrotalk, ["serve"], { ...world().env, ...env }, world().directory);
  const mixed = await start({ ASTROTALK_TLS_CERTIFICATE: one.certificate, ASTROTALK_TLS_KEY: other.key });
  assert.equal(mixed.code, 1, mixed.text);
  assert.match(
    mixed.text,
    /^astrotalk: the key .*other\.key does not belong to the certificate .*one\.pem$/m,
  );
  const missing = await start({ ASTROTALK_TLS_KEY: "/nowhere.key" });
  assert.equal(missing.code, 1, missing.text);
  assert.match(missing.text, /\/nowhere\.key is not a readable PEM file/);
  const half = await start({ ASTROTALK_TLS_KEY: "" });
  assert.equal(half.code, 2, half.text);
  assert.match(half.text, /ASTROTALK_TLS_KEY: expected both/);
});

test("aws-jwt-verify fetches the keys over TLS and verifies both tokens", async () => {
  const { issuer, clientId } = world().config;
  assert.match(issuer, /^https:/);
  for (const tokenUse of ["access", "id"] as const) {
    const verifier = JwtVerifier.create({
      issuer,
      audience: tokenUse === "id" ? clientId : null,
      customJwtCheck: ({ payload }) => validateCognitoJwtFields(payload, { tokenUse, clientId }),
    });
    const payload = await verifier.verify(person.tokens![tokenUse]);
    assert.equal(payload.sub, person.sub);
    await assert.rejects(verifier.verify(person.tokens![tokenUse === "id" ? "access" : "id"]));
  }
});

test("openid-client discovers the issuer over TLS, and jose verifies by what it found", async () => {
  const { issuer, clientId } = world().config;
  const found = (await discovery(new URL(issuer), clientId)).serverMetadata();
  assert.equal(found.issuer, issuer);
  const keys = createRemoteJWKSet(new URL(found.jwks_uri!));
  const { payload } = await jwtVerify(person.tokens!.id, keys, {
    issuer: found.issuer,
    audience: clientId,
  });
  assert.equal(payload.sub, person.sub);
  const access = await jwtVerify(person.tokens!.access, keys, {
    issuer: found.issuer,
    algorithms: ["RS256"],
  });
  assert.equal(access.payload.client_id, clientId);
});
