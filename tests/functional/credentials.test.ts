// Keys of the admin operations: the first one, the file that it is in, adding and removing.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  AdminDisableUserCommand,
  type CognitoIdentityProviderClient,
  DescribeUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import {
  adminClient,
  type AdminKey,
  diesWithinASecond,
  firstKey,
  Operator,
  statusOf,
} from "./support/operator.ts";
import { Person } from "./support/person.ts";
import type { Place } from "./support/place.ts";
import { freePort, Program, until } from "./support/program.ts";
import { answerTotp } from "./support/second_factor.ts";
import { astrotalk, useWorld } from "./support/world.ts";

let cognito: CognitoIdentityProviderClient;
let UserPoolId: string;
const world = useWorld({}, async (world) => {
  ({ cognito, UserPoolId } = new Operator(world));
});

const ask = (client: CognitoIdentityProviderClient) =>
  client.send(new DescribeUserPoolCommand({ UserPoolId })).then(
    () => "answered",
    (error: Error) => error.name,
  );

test("the key of the first start is the pool's, and starting again makes no other", async () => {
  const key = firstKey(world());
  assert.match(key.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.equal(key.secretAccessKey.length, 40);
  assert.equal(key.region, world().config.region);
  assert.equal(key.userPoolId, UserPoolId);
  await world().server.stop();
  await world().startServer();
  assert.deepEqual(firstKey(world()), key);
  await cognito.send(new DescribeUserPoolCommand({ UserPoolId }));
});

test("the demo's accounts stand beside the key in one file, and neither loses the other", async () => {
  const read = () =>
    JSON.parse(readFileSync(join(world().env.ASTROTALK_DATA_DIR!, "credentials.json"), "utf8"));
  const key = firstKey(world());
  const loaded = await world().command("demo");
  assert.equal(loaded.code, 0, loaded.text);
  assert.deepEqual(Object.keys(read()).sort(), ["admin", "demo"]);
  assert.deepEqual(firstKey(world()), key);
  const account = read().demo.find(({ role }: { role: string }) => role === "user");
  await new Person(world(), account.phone).signIn();
});

test("the demo's administrator signs in with the code that the program shows", async () => {
  const file = join(world().env.ASTROTALK_DATA_DIR!, "credentials.json");
  const account = JSON.parse(readFileSync(file, "utf8")).demo.find(
    ({ role }: { role: string }) => role === "admin",
  );
  const admin = new Person(world(), account.phone);
  const { Session } = await admin.askForCode();
  const asked = await admin.answer(Session!, await admin.code());
  assert.equal(asked.ChallengeName, "SOFTWARE_TOKEN_MFA");
  const shown = await world().command("totp");
  assert.equal(shown.code, 0, shown.text);
  assert.match(shown.text, /^\d{6}$/);
  admin.keep((await answerTotp(admin, asked.Session!, shown.text)).AuthenticationResult);
  assert.equal((await admin.api.GET("/v1/admin/dead-letters")).response.status, 200);
});

test("what is done at one node bites at another: a disabled user, a removed key", async () => {
  const port = await freePort();
  const env = { ...world().env, PORT: String(port) };
  const program = new Program("the second node", astrotalk, ["serve"], env, world().directory);
  const { sandbox, config } = world();
  const command = (...args: string[]) => world().command(...args);
  const second: Place = { base: `http://127.0.0.1:${port}`, sandbox, config, command };
  const ready = () =>
    fetch(`${second.base}/readyz`).then(
      (r) => r.ok,
      () => false,
    );
  await until("the second node", ready);
  const person = await new Person(world()).join();
  const elsewhere = Object.assign(new Person(second, person.phone), { tokens: person.tokens });
  assert.equal(await statusOf(elsewhere), 200);
  await cognito.send(new AdminDisableUserCommand({ UserPoolId, Username: person.sub }));
  await Promise.all([diesWithinASecond(person), diesWithinASecond(elsewhere)]);
  const key: AdminKey = JSON.parse((await world().command("credentials", "add")).text);
  const there = adminClient(second, key);
  await until("the key to be known there", async () => (await ask(there)) === "answered", 3_000);
  await world().command("credentials", "remove", key.accessKeyId);
  const refused = async () => (await ask(there)) === "UnrecognizedClientException";
  await until("it to be refused there", refused, 3_000);
  assert.equal((await program.stop()).code, 0, program.tail());
});

test("keys are added, several at once, and one that is removed stops within seconds", async () => {
  const added = await world().command("credentials", "add", "--label", "a script");
  assert.equal(added.code, 0, added.text);
  const key: AdminKey = JSON.parse(added.text);
  const second = adminClient(world(), key);
  await until("the key to be known", async () => (await ask(second)) === "answered", 3_000);
  assert.equal(await ask(cognito), "answered");
  const listed = await world().command("credentials", "list");
  assert.match(listed.text, new RegExp(`${key.accessKeyId}  .*  a script`));
  assert.ok(!listed.text.includes(key.secretAccessKey));
  assert.equal((await world().command("credentials", "remove", key.accessKeyId)).code, 0);
  await until("it to be refused", async () => (await ask(second)) === "UnrecognizedClientException", 3_000);
  assert.equal(await ask(cognito), "answered");
  assert.equal((await world().command("credentials", "remove", key.accessKeyId)).code, 1);
});
