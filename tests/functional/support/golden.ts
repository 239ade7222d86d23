// Conversations of contract/cognito/, with placeholders for what differs each time (see the README there).
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as sdk from "@aws-sdk/client-cognito-identity-provider";

export interface Step {
  operation: string;
  signed?: boolean;
  request: unknown;
  status?: number;
  response: unknown;
}

export interface Conversation {
  file: string;
  about: string;
  steps: Step[];
}

const folder = new URL("../../../contract/cognito/", import.meta.url);

export const conversations: Conversation[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .sort()
  .map((file) => ({ file, ...JSON.parse(readFileSync(new URL(file, folder), "utf8")) }));

export type Bound = Map<string, string>;

const forms: Record<string, RegExp> = {
  id: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  time: /^1[0-9]{9}$/, // a number of whole seconds
  session: /^[\w-]{20,2048}$/,
  jwt: /^[\w-]+\.[\w-]+\.[\w-]+$/,
  refresh: /^[\w-]{43}$/,
  key: /^[A-Z2-7]{32}$/,
  token: /^\S+$/,
  text: /^[^]+$/,
};

const placeholder = /\{\{(\w+)(?::(\w+))?\}\}/g;

// A request with its placeholders filled in.
export function filled(value: unknown, bound: Bound): unknown {
  if (typeof value === "string")
    return value.replaceAll(placeholder, (_, name: string) => {
      const known = bound.get(name);
      assert.ok(known !== undefined, `nothing is bound to ${name}`);
      return known;
    });
  if (Array.isArray(value)) return value.map((each) => filled(each, bound));
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, bound)]));
  return value;
}

function matchText(expected: string, got: unknown, bound: Bound, where: string): void {
  const whole = /^\{\{(\w+)(?::(\w+))?\}\}$/.exec(expected);
  const form = whole && forms[whole[1]!];
  if (!form) {
    // What was bound to a number is compared as one.
    const known = filled(expected, bound);
    assert.equal(whole && typeof got === "number" ? String(got) : got, known, where);
    return;
  }
  assert.equal(typeof got, whole[1] === "time" ? "number" : "string", where);
  assert.match(String(got), form, where);
  if (whole[2]) bound.set(whole[2], String(got));
}

// Throws at the first difference; binds what the answer names.
export function match(expected: unknown, got: unknown, bound: Bound, where = ""): void {
  if (typeof expected === "string") return matchText(expected, got, bound, where);
  if (!expected || typeof expected !== "object") return assert.equal(got, expected, where);
  assert.ok(got && typeof got === "object", `${where}: ${JSON.stringify(got)}`);
  assert.equal(Array.isArray(got), Array.isArray(expected), where);
  assert.deepEqual(Object.keys(got).sort(), Object.keys(expected).sort(), where);
  for (const [name, each] of Object.entries(expected))
    match(each, (got as Record<string, unknown>)[name], bound, `${where}/${name}`);
}

// The headers with which the SDK would send that body, signature included.
export async function signedHeaders(
  client: sdk.CognitoIdentityProviderClient,
  operation: string,
  input: unknown,
): Promise<{ headers: Record<string, string>; body: string }> {
  const Command = (sdk as unknown as Record<string, new (input: unknown) => any>)[`${operation}Command`];
  assert.ok(Command, `the SDK has no ${operation}`);
  const command = new Command(input);
  let sent: { headers: Record<string, string>; body: string | Uint8Array } | undefined;
  command.middlewareStack.add(
    () => async (args: { request: NonNullable<typeof sent> }) => {
      sent = args.request;
      throw new Error("kept, not sent");
    },
    { step: "finalizeRequest", priority: "low", name: "keep" },
  );
  await client.send(command).catch(() => {});
  assert.ok(sent, `the SDK did not make a request of ${operation}`);
  return { headers: sent.headers, body: Buffer.from(sent.body).toString() };
}
