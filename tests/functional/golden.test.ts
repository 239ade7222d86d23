// Every conversation of contract/cognito/, replayed; and that the replay refuses an answer that differs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bound, conversations, filled, match, signedHeaders, type Step } from "./support/golden.ts";
import { adminClient, firstKey } from "./support/operator.ts";
import { nextCode, nextEmailCode, randomAddress, randomMailbox, randomPhone } from "./support/place.ts";
import { Authenticator } from "./support/second_factor.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();

async function requestOf(step: Step, body: unknown) {
  if (step.signed) return signedHeaders(adminClient(world(), firstKey(world())), step.operation, body);
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `AWSCognitoIdentityProviderService.${step.operation}`,
    "x-forwarded-for": randomAddress(),
  };
  return { headers, body: JSON.stringify(body) };
}

// The one that showed the secret which an answer bound.
const authenticators = new Map<string, Authenticator>();
function totpOf(secret: string): string {
  if (!authenticators.has(secret)) authenticators.set(secret, new Authenticator(secret));
  return authenticators.get(secret)!.code();
}

async function replay(step: Step, bound: Bound, phone: string) {
  if (JSON.stringify(step.request).includes("{{totp}}")) bound.set("totp", totpOf(bound.get("secret")!));
  if (JSON.stringify(step.request).includes("{{code}}")) bound.set("code", await nextCode(world(), phone));
  if (JSON.stringify(step.request).includes("{{emailCode}}"))
    bound.set("emailCode", await nextEmailCode(world(), bound.get("mailbox")!));
  const { headers, body } = await requestOf(step, filled(step.request, bound));
  const response = await fetch(`${world().base}/cognito/`, { method: "POST", headers, body });
  const json = (await response.json()) as { __type?: string };
  assert.equal(response.status, step.status ?? 200, JSON.stringify(json));
  assert.equal(response.headers.get("content-type"), "application/x-amz-json-1.1");
  assert.ok(response.headers.get("x-amzn-requestid"));
  assert.equal(response.headers.get("x-amzn-errortype") ?? undefined, json.__type);
  match(step.response, json, bound);
}

for (const { file, about, steps } of conversations) {
  test(`${file}: ${about}`, async () => {
    const phone = randomPhone();
    const { userPoolId, clientId } = world().config;
    const bound: Bound = new Map([
      ["pool", userPoolId],
      ["client", clientId],
      ["phone", phone],
      ["last4", phone.slice(-4)],
      ["mailbox", randomMailbox()],
    ]);
    for (const [at, step] of steps.entries()) {
      try {
        await replay(step, bound, phone);
      } catch (error) {
        throw new Error(`step ${at + 1}, ${step.operation}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
}

test("an answer with a member more, less or other, and a value of another form, is a difference", () => {
  const expected = { a: "{{id:made}}", at: "{{time}}", list: [{ b: 1 }], said: "to {{made}}" };
  const id = "019aae5f-0000-7000-8000-000000000001";
  const good = { a: id, at: 1_790_000_000, list: [{ b: 1 }], said: `to ${id}` };
  match(expected, good, new Map());
  for (const change of [
    { more: 1 },
    { a: "no id" },
    { at: "1790000000" },
    { at: 1_790_000_000.5 },
    { list: [] },
    { list: [{ b: 2 }] },
    { list: [{ b: 1 }, { b: 1 }] },
    { said: "to nobody" },
  ])
    assert.throws(() => match(expected, { ...good, ...change }, new Map()), JSON.stringify(change));
  const { at: _, ...less } = good;
  assert.throws(() => match(expected, less, new Map()));
  assert.throws(() => filled("{{unknown}}", new Map()), /nothing is bound to unknown/);
});
