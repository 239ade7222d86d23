// The user pool as stock AWS clients see it: names, shapes, headers, and what it holds against attackers.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConfirmSignUpCommand,
  GetUserCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { JwtVerifier } from "aws-jwt-verify";
import { validateCognitoJwtFields } from "aws-jwt-verify/cognito-verifier";
import { rejected, rejectedAsOne } from "./support/expect.ts";
import { claimsOf, Person } from "./support/person.ts";
import { inbox } from "./support/place.ts";
import { until } from "./support/program.ts";
import { wire } from "./support/wire.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();

const other = (code: string) => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, "0");

const diesAtOurApi = (person: Person, access = person.tokens!.access) =>
  until(
    "the token to be refused",
    async () => {
      const headers = { authorization: `Bearer ${access}`, "x-forwarded-for": person.address };
      return (await fetch(`${person.place.base}/v1/me`, { headers })).status === 401;
    },
    1_000,
  );

test("a refusal has its name in the body and in x-amzn-errortype", async () => {
  const { response, json } = await wire(world(), "GetUser", { AccessToken: "a.b.c" });
  assert.equal(response.status, 400);
  assert.equal(json.__type, "NotAuthorizedException");
  assert.equal(response.headers.get("x-amzn-errortype"), "NotAuthorizedException");
  assert.equal(response.headers.get("x-amzn-errormessage"), json.message);
  assert.ok(response.headers.get("x-amzn-requestid"));
  assert.match(response.headers.get("content-type")!, /^application\/x-amz-json-1\.1/);
  assert.equal(typeof json.message, "string");
});

test("an unknown operation, a body that is not JSON and a wrong client are refused by name", async () => {
  assert.equal((await wire(world(), "CreateUserPool", {})).response.status, 400);
  const malformed = await wire(world(), "GetUser", "{");
  assert.equal(malformed.response.status, 400);
  assert.equal(malformed.json.__type, "SerializationException");
  const person = new Person(world());
  const command = new SignUpCommand({ ClientId: "nosuchclient", Username: person.phone });
  await rejected(person.cognito.send(command), "ResourceNotFoundException");
});

test("access and ID tokens are Cognito's, signed by different keys that the JWKS has", async () => {
  const person = await new Person(world()).join("user");
  const { config } = world();
  const jwks = (await (await fetch(`${config.issuer}/.well-known/jwks.json`)).json()) as any;
  const discovery = (await (
    await fetch(`${config.issuer}/.well-known/openid-configuration`)
  ).json()) as any;
  assert.equal(discovery.issuer, config.issuer);
  assert.equal(discovery.jwks_uri, `${config.issuer}/.well-known/jwks.json`);
  const kids = [];
  for (const [token, tokenUse] of [
    [person.tokens!.access, "access"],
    [person.tokens!.id, "id"],
  ] as const) {
    const verifier = JwtVerifier.create({
      issuer: config.issuer,
      audience: null,
      jwksUri: "https://jwks.invalid/keys",
      customJwtCheck: ({ payload }) =>
        validateCognitoJwtFields(payload, { tokenUse, clientId: config.clientId }),
    });
    verifier.cacheJwks(jwks);
    const payload: any = verifier.verifySync(token);
    assert.equal(payload.token_use, tokenUse);
    kids.push(JSON.parse(Buffer.from(token.split(".")[0]!, "base64url").toString()).kid);
  }
  assert.notEqual(kids[0], kids[1]);
  const access = claimsOf(person.tokens!.access);
  assert.equal(access.client_id, config.clientId);
  assert.equal(access.aud, undefined);
  assert.equal(access.scope, "aws.cognito.signin.user.admin");
  assert.equal(access.username, access.sub);
  for (const name of ["jti", "origin_jti", "event_id", "auth_time", "iat", "exp"])
    assert.ok(access[name], name);
  const id = claimsOf(person.tokens!.id);
  assert.equal(id.aud, config.clientId);
  assert.equal(id["cognito:username"], id.sub);
  assert.equal(id.phone_number, person.phone);
  assert.equal(id.phone_number_verified, true);
  assert.equal(id["custom:user_type"], "user");
});

test("GetUser gives the attributes of whoever holds the token", async () => {
  const person = await new Person(world()).join("astrologer");
  const got = await person.cognito.send(new GetUserCommand({ AccessToken: person.tokens!.access }));
  assert.equal(got.Username, person.sub);
  const attributes = Object.fromEntries(got.UserAttributes!.map(({ Name, Value }) => [Name, Value]));
  assert.equal(attributes.sub, person.sub);
  assert.equal(attributes.phone_number, person.phone);
  assert.equal(attributes.phone_number_verified, "true");
  assert.equal(attributes["custom:user_type"], "astrologer");
});

test("a wrong code leaves the session usable, and the right one is used once", async () => {
  const person = await new Person(world()).join();
  const { Session } = await person.askForCode();
  const code = await person.code();
  const mismatch = await rejected(person.answer(Session!, other(code)), "CodeMismatchException");
  assert.equal(mismatch.$metadata.httpStatusCode, 400);
  person.keep((await person.answer(Session!, code)).AuthenticationResult);
  await rejectedAsOne(person.answer(Session!, code), [
    "NotAuthorizedException",
    "CodeMismatchException",
    "ExpiredCodeException",
  ]);
});

test("a hundred parallel right answers give one sign-in", async () => {
  const person = await new Person(world()).join();
  const { Session } = await person.askForCode();
  const code = await person.code();
  const answers = await Promise.allSettled(
    Array.from({ length: 100 }, () => person.answer(Session!, code)),
  );
  assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 1);
});

test("after five wrong answers the right code is refused too", async () => {
  const person = await new Person(world()).join();
  const { Session } = await person.askForCode();
  const code = await person.code();
  const names = ["CodeMismatchException", "NotAuthorizedException", "TooManyRequestsException"];
  for (let i = 0; i < 5; ++i) await rejectedAsOne(person.answer(Session!, other(code)), names);
  await rejectedAsOne(person.answer(Session!, code), names);
});

test("a code belongs to its own session, and a new one ends the one before", async () => {
  const person = await new Person(world()).join();
  const first = await person.askForCode();
  const firstCode = await person.code();
  const second = await person.askForCode();
  const secondCode = await person.code();
  const names = ["CodeMismatchException", "NotAuthorizedException", "ExpiredCodeException"];
  await rejectedAsOne(person.answer(first.Session!, firstCode), names);
  if (firstCode !== secondCode) await rejectedAsOne(person.answer(second.Session!, firstCode), names);
  person.keep((await person.answer(second.Session!, secondCode)).AuthenticationResult);
});

test("a code lives ten minutes at most", async () => {
  const person = await new Person(world()).join();
  const { Session } = await person.askForCode();
  const code = await person.code();
  await world().advance(601);
  await rejectedAsOne(person.answer(Session!, code), ["NotAuthorizedException", "ExpiredCodeException"]);
});

test("SELECT_CHALLENGE leads to the same code", async () => {
  const person = await new Person(world()).join();
  const select = await person.cognito.send(
    new InitiateAuthCommand({
      ClientId: person.ClientId,
      AuthFlow: "USER_AUTH",
      AuthParameters: { USERNAME: person.phone },
    }),
  );
  assert.equal(select.ChallengeName, "SELECT_CHALLENGE");
  assert.deepEqual(select.AvailableChallenges, ["SMS_OTP"]);
  const challenge = await person.cognito.send(
    new RespondToAuthChallengeCommand({
      ClientId: person.ClientId,
      ChallengeName: "SELECT_CHALLENGE",
      Session: select.Session,
      ChallengeResponses: { USERNAME: person.phone, ANSWER: "SMS_OTP" },
    }),
  );
  assert.equal(challenge.ChallengeName, "SMS_OTP");
  assert.match(challenge.ChallengeParameters!.CODE_DELIVERY_DESTINATION!, /\*.*\d{4}$/);
  person.keep((await person.answer(challenge.Session!, await person.code())).AuthenticationResult);
});

test("an unconfirmed sign-up gets a new code by asking, and the old one is dead", async () => {
  const person = new Person(world());
  await person.signUp("user");
  const first = await person.code();
  await rejected(person.confirm(other(first)), "CodeMismatchException");
  await person.cognito.send(
    new ResendConfirmationCodeCommand({ ClientId: person.ClientId, Username: person.phone }),
  );
  const second = await person.code();
  if (first !== second)
    await rejectedAsOne(person.confirm(first), ["CodeMismatchException", "ExpiredCodeException"]);
  await person.confirm(second);
  await world().advance(15 * 60); // three codes went out
  await person.signIn();
});

test("nobody writes what staff decides, or signs up with a number that is not served", async () => {
  const person = new Person(world());
  const signUp = (phone: string, attributes: Record<string, string>) =>
    person.cognito.send(
      new SignUpCommand({
        ClientId: person.ClientId,
        Username: phone,
        UserAttributes: Object.entries({ phone_number: phone, ...attributes }).map(([Name, Value]) => ({
          Name,
          Value,
        })),
      }),
    );
  const names = ["NotAuthorizedException", "InvalidParameterException"];
  const user = { "custom:user_type": "user" };
  await rejectedAsOne(signUp(person.phone, { "custom:user_type": "admin" }), names);
  await rejectedAsOne(signUp(person.phone, { ...user, "custom:profile_status": "approved" }), names);
  await rejectedAsOne(signUp(person.phone, { ...user, "custom:kyc_status": "completed" }), names);
  for (const phone of ["+911234567890", "+9198123", "9812345670", "+15005550006", "somebody"]) {
    await rejectedAsOne(signUp(phone, user), names);
  }
  assert.equal((await inbox(world(), person.phone)).length, 0);
});

test("parallel refreshes agree on one successor, and the grace gives it again", async () => {
  const person = await new Person(world()).join();
  const { refresh } = person.tokens!;
  const results = await Promise.all(Array.from({ length: 20 }, () => person.useRefreshToken(refresh)));
  const successors = new Set(results.map(({ AuthenticationResult }) => AuthenticationResult!.RefreshToken));
  assert.equal(successors.size, 1);
  const [successor] = successors;
  assert.notEqual(successor, refresh);
  await world().advance(world().config.refreshGraceSeconds - 5);
  const again = await person.useRefreshToken(refresh);
  assert.equal(again.AuthenticationResult!.RefreshToken, successor);
  assert.equal(
    claimsOf(again.AuthenticationResult!.AccessToken!).auth_time,
    claimsOf(person.tokens!.access).auth_time,
  );
});

test("a refresh token used again after the grace ends its whole family, and no other", async () => {
  const person = await new Person(world()).join();
  const old = person.tokens!.refresh;
  const { refresh: current, access } = await person.refresh();
  const elsewhere = await new Person(world(), person.phone).signIn();
  await world().advance(world().config.refreshGraceSeconds + 2);
  await rejected(person.useRefreshToken(old), "RefreshTokenReuseException");
  await rejected(person.useRefreshToken(current), "NotAuthorizedException");
  await diesAtOurApi(person, access);
  await elsewhere.refresh();
});

test("RevokeToken ends one sign-in within a second; the other stays", async () => {
  const person = await new Person(world()).join();
  const elsewhere = await new Person(world(), person.phone).signIn();
  await person.revoke();
  await diesAtOurApi(person);
  await rejected(person.useRefreshToken(), "NotAuthorizedException");
  await rejected(
    person.cognito.send(new GetUserCommand({ AccessToken: person.tokens!.access })),
    "NotAuthorizedException",
  );
  await elsewhere.refresh();
  await rejectedAsOne(elsewhere.revoke("not-a-token"), [
    "InvalidParameterException",
    "UnsupportedTokenTypeException",
    "NotAuthorizedException",
  ]);
});

test("GlobalSignOut ends every sign-in within a second, and a new one works", async () => {
  const person = await new Person(world()).join();
  const elsewhere = await new Person(world(), person.phone).signIn();
  await person.signOutEverywhere();
  await Promise.all([diesAtOurApi(person), diesAtOurApi(elsewhere)]);
  for (const each of [person, elsewhere]) await rejected(each.useRefreshToken(), "NotAuthorizedException");
  await person.signIn();
  assert.equal((await person.api.GET("/v1/me")).response.status, 200);
});

test("the session of a confirmation signs in once, and only its owner", async () => {
  const person = new Person(world());
  const { Session } = await person.signUp("user");
  const confirmed = await person.cognito.send(
    new ConfirmSignUpCommand({
      ClientId: person.ClientId,
      Username: person.phone,
      ConfirmationCode: await person.code(),
      Session,
    }),
  );
  const stranger = await new Person(world()).join();
  const use = (USERNAME: string) =>
    person.cognito.send(
      new InitiateAuthCommand({
        ClientId: person.ClientId,
        AuthFlow: "USER_AUTH",
        AuthParameters: { USERNAME },
        Session: confirmed.Session,
      }),
    );
  const asStranger = await use(stranger.phone).catch(() => undefined);
  assert.equal(asStranger?.AuthenticationResult, undefined);
  const results = await Promise.allSettled([use(person.phone), use(person.phone), use(person.phone)]);
  const signedIn = results.filter((r) => r.status === "fulfilled" && r.value.AuthenticationResult);
  assert.ok(signedIn.length <= 1, `${signedIn.length} sign-ins`);
});

test("a sign-in ends thirty days after it began, however often it is refreshed", async () => {
  const person = await new Person(world()).join();
  await world().advance(29 * 86_400);
  await person.refresh();
  await world().advance(2 * 86_400);
  await rejected(person.useRefreshToken(), "NotAuthorizedException");
});
