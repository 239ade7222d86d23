// An e-mail address as an attribute, with the stock SDK: proved by a code, told, taken away, nobody's way in.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AdminDeleteUserCommand,
  AdminUpdateUserAttributesCommand,
  DeleteUserAttributesCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  InitiateAuthCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
  VerifyUserAttributeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { rejected } from "./support/expect.ts";
import { attributesOf, Operator } from "./support/operator.ts";
import { claimsOf, Person } from "./support/person.ts";
import { letters, nextEmailCode, randomMailbox } from "./support/place.ts";
import { until } from "./support/program.ts";
import { useWorld } from "./support/world.ts";

let operator: Operator;
const world = useWorld({}, async (world) => {
  operator = new Operator(world);
});

const AttributeName = "email";
const access = (person: Person) => ({ AccessToken: person.tokens!.access });
const change = (person: Person, ...attributes: [string, string][]) =>
  person.cognito.send(
    new UpdateUserAttributesCommand({
      ...access(person),
      UserAttributes: attributes.map(([Name, Value]) => ({ Name, Value })),
    }),
  );
const ask = (person: Person, address: string) => change(person, ["email", address]);
const askAgain = (person: Person) =>
  person.cognito.send(new GetUserAttributeVerificationCodeCommand({ ...access(person), AttributeName }));
const verify = (person: Person, Code: string) =>
  person.cognito.send(new VerifyUserAttributeCommand({ ...access(person), AttributeName, Code }));
const remove = (person: Person, ...UserAttributeNames: string[]) =>
  person.cognito.send(new DeleteUserAttributesCommand({ ...access(person), UserAttributeNames }));
const own = async (person: Person) => {
  const { UserAttributes } = await person.cognito.send(new GetUserCommand(access(person)));
  const { email, email_verified } = attributesOf(UserAttributes);
  return { email, email_verified };
};
const seen = async (person: Person) => {
  const { email, email_verified } = attributesOf((await operator.get(person.sub)).UserAttributes);
  return { email, email_verified };
};
const nothing = { email: undefined, email_verified: undefined };
const prove = async (person: Person, address: string) => {
  await ask(person, address);
  await verify(person, await nextEmailCode(world(), address));
};
const otherThan = (code: string) => (code === "000000" ? "000001" : "000000");

test("an address is proved by a code, and the tokens made afterwards say so", async () => {
  const person = await new Person(world()).join();
  const address = randomMailbox();
  const asked = await ask(person, address.replace("example.in", "Example.IN"));
  const delivery = { AttributeName, DeliveryMedium: "EMAIL", Destination: "a***@e***" };
  assert.deepEqual(asked.CodeDeliveryDetailsList, [delivery]);
  assert.deepEqual(await own(person), nothing);
  const first = await nextEmailCode(world(), address);
  assert.deepEqual((await askAgain(person)).CodeDeliveryDetails, delivery);
  const second = await nextEmailCode(world(), address);
  if (first !== second) await rejected(verify(person, first), "CodeMismatchException");
  await verify(person, second);
  const proved = { email: address, email_verified: "true" };
  assert.deepEqual(await own(person), proved);
  assert.deepEqual(await seen(person), proved);
  await rejected(verify(person, second), "InvalidParameterException");
  const [letter] = await letters(world(), address);
  assert.match(letter!.text, /^\d{6} is your code\..* valid for 10 minutes\. Do not share it/);
  assert.equal(letter!.from, "no-reply@astrotalk.example");
  assert.doesNotMatch(letter!.subject, /\d/);
  const page = await (await fetch(`${world().sandbox}/`)).text();
  for (const shown of [address, letter!.subject, person.phone]) assert.ok(page.includes(shown), shown);

  assert.equal(claimsOf(person.tokens!.id).email, undefined, "made before");
  await person.refresh();
  const id = claimsOf(person.tokens!.id);
  assert.equal(id.email, address);
  assert.strictEqual(id.email_verified, true);
  assert.equal(person.claims.email, undefined);
  assert.deepEqual((await ask(person, address)).CodeDeliveryDetailsList, [], "it is theirs");
});

test("the one before stays until the next is proved, and is told then", async () => {
  const person = await new Person(world()).join();
  const [old, next] = [randomMailbox(), randomMailbox()];
  await prove(person, old);
  await ask(person, next);
  assert.deepEqual(await own(person), { email: old, email_verified: "true" });
  await verify(person, await nextEmailCode(world(), next));
  assert.deepEqual(await own(person), { email: next, email_verified: "true" });
  const told = await until("the old address to be told", async () =>
    (await letters(world(), old)).find(({ text }) => text.includes("another e-mail address")),
  );
  assert.ok(!told.text.includes(next), "it does not learn the new one");
});

test("an address that is none is refused, and so is one that would be two", async () => {
  const person = await new Person(world()).join();
  for (const wrong of [
    "asha",
    "asha@example",
    "a@b@example.in",
    "asha@example.in, b@example.in",
    "asha@example.in\r\nBcc: b@example.in",
    `${"a".repeat(250)}@example.in`,
  ])
    await rejected(ask(person, wrong), "InvalidParameterException");
  await rejected(change(person, ["email_verified", "true"]), "NotAuthorizedException");
  await rejected(askAgain(person), "InvalidParameterException");
  await rejected(verify(person, "123456"), "InvalidParameterException");
  assert.deepEqual(await own(person), nothing);
});

test("five wrong codes end one, and a right one is then refused like a wrong one", async () => {
  const person = await new Person(world()).join();
  const address = randomMailbox();
  await ask(person, address);
  const code = await nextEmailCode(world(), address);
  for (let i = 0; i < 5; ++i) await rejected(verify(person, otherThan(code)), "CodeMismatchException");
  await rejected(verify(person, code), "LimitExceededException");
  await world().advance(31);
  await rejected(verify(person, code), "ExpiredCodeException");
  await prove(person, address);
  const wrong = await world().query(
    `select count(*) from (select action, subject_id from audit_log
      union all select action, subject_id from audit_pending) a
     where action = 'code.wrong' and subject_id = '${person.sub}'`,
  );
  assert.equal(wrong, "5");
});

test("a code that is refused says when to come back, and goes to nobody", async () => {
  const address = randomMailbox();
  for (let i = 0; i < 3; ++i) await ask(await new Person(world()).join(), address);
  await until("three letters", async () => (await letters(world(), address)).length === 3);
  const person = await new Person(world()).join();
  const spelled = address.replace("@", "+more@").toUpperCase();
  const refusal = await rejected(ask(person, spelled), "LimitExceededException");
  assert.match(refusal.message, /^Attempt limit exceeded.* Try again in \d+ seconds\.$/);
  await rejected(askAgain(person), "InvalidParameterException");
  await prove(person, randomMailbox());
  assert.equal((await letters(world(), address)).length, 3);
});

test("two people may have the same address, and nobody signs in with it", async () => {
  const address = randomMailbox();
  const [one, two] = [await new Person(world()).join(), await new Person(world()).join()];
  await prove(one, address);
  await prove(two, address);
  assert.deepEqual(await own(one), await own(two));
  const signIn = new InitiateAuthCommand({
    ClientId: one.ClientId,
    AuthFlow: "USER_AUTH",
    AuthParameters: { USERNAME: address, PREFERRED_CHALLENGE: "EMAIL_OTP" },
  });
  await rejected(one.cognito.send(signIn), "InvalidParameterException");
  await rejected(operator.get(address), "UserNotFoundException");
});

test("an address told at sign-up is kept, and verified when its owner asks", async () => {
  const person = new Person(world());
  const address = randomMailbox();
  const signUp = (...more: [string, string][]) =>
    person.cognito.send(
      new SignUpCommand({
        ClientId: person.ClientId,
        Username: person.phone,
        UserAttributes: more.map(([Name, Value]) => ({ Name, Value })),
      }),
    );
  await rejected(signUp(["email", "no address"]), "InvalidParameterException");
  await rejected(signUp(["email", address], ["email_verified", "true"]), "NotAuthorizedException");
  const { CodeDeliveryDetails } = await signUp(["email", address]);
  assert.equal(CodeDeliveryDetails!.AttributeName, "phone_number");
  await person.confirm(await person.code());
  await person.signIn();
  assert.deepEqual(await own(person), { email: address, email_verified: "false" });
  assert.strictEqual(claimsOf(person.tokens!.id).email_verified, false);
  assert.deepEqual(await letters(world(), address), []);
  await askAgain(person);
  await verify(person, await nextEmailCode(world(), address));
  assert.deepEqual(await own(person), { email: address, email_verified: "true" });
});

test("whoever chose Hindi is written to in Hindi", async () => {
  const person = await new Person(world()).join();
  await person.completeProfile({ language: "hi" });
  const address = randomMailbox();
  await prove(person, address);
  const [letter] = await letters(world(), address);
  assert.match(letter!.text, /^\d{6} आपका कोड है।/);
  assert.match(letter!.subject, /ई-मेल/);
});

test("an address is taken away, by an empty value or by its name", async () => {
  const person = await new Person(world()).join();
  const address = randomMailbox();
  await prove(person, address);
  await ask(person, "");
  assert.deepEqual(await own(person), nothing);
  await prove(person, address);
  await change(person, ["name", "Asha"]);
  await remove(person, "email", "name");
  assert.deepEqual(await own(person), nothing);
  await rejected(verify(person, "123456"), "InvalidParameterException");
  await rejected(remove(person, "phone_number"), "InvalidParameterException");
  await rejected(remove(person, "custom:user_type"), "NotAuthorizedException");
});

test("an operator writes an address, vouches for it, and sees it in lists", async () => {
  const { UserPoolId, cognito } = operator;
  const person = await new Person(world()).join();
  const address = randomMailbox();
  const write = (...attributes: [string, string][]) =>
    cognito.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId,
        Username: person.sub,
        UserAttributes: attributes.map(([Name, Value]) => ({ Name, Value })),
      }),
    );
  await write(["email", address]);
  assert.deepEqual(await seen(person), { email: address, email_verified: "false" });
  await write(["email_verified", "true"]);
  assert.deepEqual(await own(person), { email: address, email_verified: "true" });
  await write(["email", randomMailbox()]);
  assert.equal((await seen(person)).email_verified, "false", "another one is not verified");
  await write(["email", address], ["email_verified", "true"]);
  const { Users } = await operator.list({ Filter: `sub = "${person.sub}"`, AttributesToGet: ["email"] });
  assert.deepEqual(Users![0]!.Attributes, [{ Name: "email", Value: address }]);
  await rejected(operator.list({ Filter: `email = "${address}"` }), "InvalidParameterException");
  assert.deepEqual(await letters(world(), address), []);
  await write(["email", ""]);
  assert.deepEqual(await seen(person), nothing);
});

test("whoever is deleted leaves no address", async () => {
  const person = await new Person(world()).join();
  await prove(person, randomMailbox());
  await ask(person, randomMailbox());
  const { UserPoolId, cognito } = operator;
  await cognito.send(new AdminDeleteUserCommand({ UserPoolId, Username: person.sub }));
  const left = await world().query(
    `select (select count(email_sealed) from pool_user where id = '${person.sub}')
          + (select count(*) from email_change where user_id = '${person.sub}')`,
  );
  assert.equal(left, "0");
});

test("the pool and its client say what there is", async () => {
  const { UserPoolId, cognito } = operator;
  const { UserPool } = await cognito.send(new DescribeUserPoolCommand({ UserPoolId }));
  const schema = Object.fromEntries(UserPool!.SchemaAttributes!.map((each) => [each.Name, each]));
  assert.equal(schema.email!.AttributeDataType, "String");
  assert.equal(schema.email!.Required, false);
  assert.equal(schema.email_verified!.AttributeDataType, "Boolean");
  assert.deepEqual(UserPool!.AutoVerifiedAttributes, ["phone_number", "email"]);
  assert.deepEqual(UserPool!.UsernameAttributes, ["phone_number"]);
  assert.deepEqual(UserPool!.UserAttributeUpdateSettings!.AttributesRequireVerificationBeforeUpdate, [
    "phone_number",
    "email",
  ]);
  const ClientId = world().config.clientId;
  const { UserPoolClient } = await cognito.send(
    new DescribeUserPoolClientCommand({ UserPoolId, ClientId }),
  );
  assert.ok(UserPoolClient!.ReadAttributes!.includes("email"));
  assert.ok(UserPoolClient!.WriteAttributes!.includes("email"));
});

test("a client that may not read or write it does neither", async () => {
  const options = ["--name", "narrow", "--read", "phone_number", "--write", "phone_number"];
  const made = await world().command("client", "add", ...options);
  assert.equal(made.code, 0, made.text);
  const ClientId = /^client id: (\w+)$/m.exec(made.text)![1]!;
  const person = await new Person(world()).join();
  await prove(person, randomMailbox());
  class Narrow extends Person {
    override get ClientId() {
      return ClientId;
    }
  }
  const narrow = new Narrow(world(), person.phone);
  await until("the client to be known", () => narrow.signIn().catch(() => undefined));
  assert.deepEqual(await own(narrow), nothing);
  assert.equal(claimsOf(narrow.tokens!.id).email, undefined);
  await rejected(ask(narrow, randomMailbox()), "NotAuthorizedException");
  await rejected(remove(narrow, "email"), "NotAuthorizedException");
});

test("no address is in the server's log", async () => {
  const person = await new Person(world()).join();
  const address = randomMailbox();
  await ask(person, address);
  await verify(person, await nextEmailCode(world(), address));
  const log = world().server.lines.join("\n");
  assert.ok(!log.includes(address.split("@")[0]!));
});
