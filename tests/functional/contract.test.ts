// The check that every other test leans on must itself refuse what breaks the contract.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, contract, faultsOf, operations } from "./support/contract.ts";

const wallet = { cash: 0, bonus: 10_000, held: 0, available: 10_000 };

const answer = (change: Partial<Answer> & { type?: string; value?: unknown } = {}): Answer => ({
  method: "GET",
  pathname: "/v1/wallet",
  status: 200,
  headers: new Headers({ "content-type": change.type ?? "application/json", "x-request-id": "0123456789" }),
  body: JSON.stringify(change.value ?? wallet),
  ...change,
});

const problem = (value: unknown, status: number) =>
  answer({ status, value, type: "application/problem+json" });

test("an answer that fits has no faults", () => {
  assert.deepEqual(faultsOf(answer()), []);
  const unavailable = { title: "Away", status: 503, code: "unavailable" };
  assert.deepEqual(faultsOf(problem(unavailable, 503)), []);
});

test("a missing member, a surplus one and one of another type are faults", () => {
  const { held: _, ...short } = wallet;
  for (const value of [
    short,
    { ...wallet, secret: 1 },
    { ...wallet, cash: "0" },
    { ...wallet, cash: 0.5 },
    [],
  ]) {
    assert.equal(faultsOf(answer({ value })).length > 0, true, JSON.stringify(value));
  }
});

test("a status, a content type or a code that is not documented is a fault", () => {
  assert.match(faultsOf(answer({ status: 418 }))[0]!, /418 is not documented/);
  assert.match(faultsOf(answer({ type: "text/plain" }))[0]!, /content type text\/plain/);
  assert.notDeepEqual(faultsOf(problem({ title: "Away", status: 503, code: "gone" }, 503)), []);
  assert.notDeepEqual(
    faultsOf(problem({ title: "Away", status: 503, code: "unavailable", extra: 1 }, 503)),
    [],
  );
  assert.notDeepEqual(
    faultsOf(answer({ headers: new Headers({ "content-type": "application/json" }) })),
    [],
  );
});

test("every operation says who may call it, and every refusal of the API is a problem", () => {
  for (const { path, method, access, definition } of operations) {
    const name = `${method} ${path}`;
    assert.ok(["anyone", "signed_in", "astrologer", "support", "admin"].includes(access), name);
    // {} among several: a token is read where there is one.
    const schemes: object[] | undefined = definition.security;
    const isOpen = schemes?.length === 0 || schemes?.some((each) => Object.keys(each).length === 0);
    assert.equal(isOpen ?? false, access === "anyone", `${name}: security and x-access agree`);
    // A webhook carries no token but a signature.
    const proves = schemes?.length !== 0 || path.startsWith("/webhooks/");
    assert.equal("401" in definition.responses, proves, `${name}: 401`);
    for (const [status, response] of Object.entries<any>(definition.responses)) {
      if (Number(status) < 400 || path === "/cognito/" || path.startsWith("/storage/")) continue;
      const key = response.$ref?.replace("#/components/responses/", "");
      const { content } = key ? contract.components.responses[key] : response;
      assert.deepEqual(Object.keys(content), ["application/problem+json"], `${name} ${status}`);
    }
  }
});
