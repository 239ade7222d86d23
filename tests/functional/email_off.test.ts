// Without a way to send e-mail, nobody can have an address; and the server says so when it starts.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DeleteUserAttributesCommand,
  DescribeUserPoolCommand,
  GetUserAttributeVerificationCodeCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
  VerifyUserAttributeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { rejected } from "./support/expect.ts";
import { Operator } from "./support/operator.ts";
import { Person } from "./support/person.ts";
import { randomPhone } from "./support/place.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld({ env: { ASTROTALK_EMAIL: "none" } });
const UserAttributes = [{ Name: "email", Value: "asha@example.in" }];

test("every way to set an address is refused, in words", async () => {
  const person = await new Person(world()).join();
  const operator = new Operator(world());
  const { AccessToken, AttributeName } = { AccessToken: person.tokens!.access, AttributeName: "email" };
  const signUp = { ClientId: person.ClientId, Username: randomPhone(), UserAttributes };
  for (const ask of [
    () => person.cognito.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes })),
    () => person.cognito.send(new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName })),
    () =>
      person.cognito.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName, Code: "123456" })),
    () => person.cognito.send(new SignUpCommand(signUp)),
    () => operator.update(person.sub, "email", "asha@example.in"),
    () => operator.create(randomPhone(), { email: "asha@example.in" }),
  ]) {
    const refusal = await rejected(ask(), "InvalidParameterException");
    assert.equal(refusal.message, "This user pool sends no e-mail, so email cannot be set.");
  }
  // One of before is taken away all the same.
  await person.cognito.send(
    new DeleteUserAttributesCommand({ AccessToken, UserAttributeNames: ["email"] }),
  );
  const { UserPool } = await operator.cognito.send(
    new DescribeUserPoolCommand({ UserPoolId: operator.UserPoolId }),
  );
  assert.deepEqual(UserPool!.AutoVerifiedAttributes, ["phone_number"]);
});

test("the start says that there is no e-mail", () => {
  assert.match(world().server.lines.join("\n"), /email\.off/);
});
