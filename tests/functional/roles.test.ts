// Every route × role against contract/roles.json, and the contract's routes against those that the server
// serves.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { listedAstrologer } from "./support/astrologer.ts";
import { check, operations } from "./support/contract.ts";
import { createAdmin, Person } from "./support/person.ts";
import { randomAddress } from "./support/place.ts";
import { run } from "./support/program.ts";
import { astrotalk, useWorld } from "./support/world.ts";

type Role = "none" | "user" | "applicant" | "astrologer" | "support" | "admin";
type Verdict = "yes" | 401 | 403;

const { roles, routes }: { roles: Role[]; routes: Record<string, Verdict[]> } = JSON.parse(
  readFileSync(new URL("../../contract/roles.json", import.meta.url), "utf8"),
);
const people: Partial<Record<Role, Person>> = {};
let byPhoneAlone: Person; // an administrator whose sign-in passed no second factor
const world = useWorld({}, async (world) => {
  people.admin = await world.admin();
  people.support = await createAdmin(world, undefined, "support");
  people.user = await new Person(world).join();
  people.applicant = await new Person(world).join("astrologer");
  people.astrologer = await listedAstrologer(world, people.admin);
  byPhoneAlone = await new Person(world).join();
  const made = await world.command("admin", "create", "--phone", byPhoneAlone.phone, "--name", "Ravi Rao");
  assert.equal(made.code, 0, made.text);
  await byPhoneAlone.refresh();
});

const name = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

async function call(
  method: string,
  path: string,
  token: string | undefined,
): Promise<{ status: number; code?: string }> {
  const { pathname } = new URL(world().config.issuer);
  const target = path.replace("/{poolId}", pathname).replaceAll(/\{[^}]+\}/g, () => randomUUID());
  const headers: Record<string, string> = { "x-forwarded-for": randomAddress() };
  if (token) headers.authorization = `Bearer ${token}`;
  const writes = method === "POST" || method === "PUT";
  if (writes) {
    headers.origin = world().base; // the web's own routes are for pages
    headers["content-type"] = path === "/cognito/" ? "application/x-amz-json-1.1" : "application/json";
    headers["idempotency-key"] = randomUUID();
    if (path === "/cognito/") headers["x-amz-target"] = "AWSCognitoIdentityProviderService.GetUser";
  }
  const response = await fetch(world().base + target, {
    method,
    headers,
    ...(writes ? { body: "{}" } : {}),
  });
  const type = response.headers.get("content-type") ?? "";
  const streams = type.startsWith("text/event-stream");
  if (streams) await response.body!.cancel();
  const body = streams ? "" : await response.text();
  check({ method, pathname: target, status: response.status, headers: response.headers, body });
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json");
  return { status: response.status, ...(isProblem ? { code: JSON.parse(body).code } : {}) };
}

test("the matrix has exactly the contract's routes", () => {
  assert.deepEqual(Object.keys(routes).sort(), operations.map(name).sort());
});

test("the server serves exactly the contract's routes, each with the access the contract says", async () => {
  const env = { ...world().env, ASTROTALK_TEST_CLOCK: "off" };
  const { code, text } = await run(astrotalk, ["routes"], env, world().directory);
  assert.equal(code, 0, text);
  // OpenAPI has no way to say that a parameter takes the rest of the path.
  const served = text.replaceAll("*}", "}").split("\n").filter(Boolean);
  const promised = operations.map(({ method, path, access }) => `${method} ${path} ${access}`);
  assert.deepEqual(served.sort(), promised.sort());
});

for (const operation of operations) {
  test(`${name(operation)}: who may`, async () => {
    for (const [i, role] of roles.entries()) {
      const verdict = routes[name(operation)]![i];
      const { status, code } = await call(operation.method, operation.path, people[role]?.tokens!.access);
      if (verdict === "yes") {
        assert.ok(
          status !== 401 && status !== 403 && status < 500,
          `${role} should get through, got ${status} ${code}`,
        );
      } else {
        assert.equal(status, verdict, `${role} should be refused with ${verdict}, got ${status} ${code}`);
      }
    }
  });
}

for (const operation of operations) {
  test(`${name(operation)}: staff without the second factor`, async () => {
    const { status, code } = await call(operation.method, operation.path, byPhoneAlone.tokens!.access);
    if (operation.access === "admin" || operation.access === "support") {
      assert.equal(`${status} ${code}`, "403 second_factor_required");
    } else {
      assert.notEqual(code, "second_factor_required");
      const verdict = routes[name(operation)]![roles.indexOf("admin")];
      assert.equal(status === 401 || status === 403 ? status : "yes", verdict);
    }
  });
}

test("what is not a valid access token opens nothing", async () => {
  const { access, id, refresh } = people.user!.tokens!;
  const [header, payload, signature] = access.split(".") as [string, string, string];
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const head = JSON.parse(Buffer.from(header, "base64url").toString());
  const forged = {
    "the ID token": id,
    "the refresh token": refresh,
    "alg none": `${encode({ ...head, alg: "none" })}.${payload}.`,
    HS256: `${encode({ ...head, alg: "HS256" })}.${payload}.${signature}`,
    "an unknown key": `${encode({ ...head, kid: "nobody" })}.${payload}.${signature}`,
    "another group": `${header}.${encode({ ...claims, "cognito:groups": ["admin"] })}.${signature}`,
    "a cut signature": `${header}.${payload}.${signature.slice(0, -4)}`,
    garbage: "x.y.z",
    "something long": "a".repeat(7000),
  };
  for (const [what, token] of Object.entries(forged)) {
    const { status, code } = await call("GET", "/v1/me", token);
    assert.equal(`${status} ${code}`, "401 unauthenticated", what);
  }
  await world().advance(3_601);
  assert.equal((await call("GET", "/v1/me", access)).status, 401, "an expired token");
});
