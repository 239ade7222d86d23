// The second factor as stock clients use it, and what it holds against whoever has the phone alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AssociateSoftwareTokenCommand,
  type EmailMfaSettingsType,
  GetUserCommand,
  RespondToAuthChallengeCommand,
  SetUserMFAPreferenceCommand,
  VerifySoftwareTokenCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { ok, refused, rejected } from "./support/expect.ts";
import { claimsOf, Person } from "./support/person.ts";
import { randomPhone } from "./support/place.ts";
import { type Authenticator, answerTotp, authenticatorOf } from "./support/second_factor.ts";
import { wire } from "./support/wire.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();

const on = { Enabled: true, PreferredMfa: true };
const prefer = (person: Person, SoftwareTokenMfaSettings: EmailMfaSettingsType | undefined) =>
  person.cognito.send(
    new SetUserMFAPreferenceCommand({ AccessToken: person.tokens!.access, SoftwareTokenMfaSettings }),
  );

const getUser = (person: Person) =>
  person.cognito.send(new GetUserCommand({ AccessToken: person.tokens!.access }));

async function associate(person: Person): Promise<Authenticator> {
  const AccessToken = person.tokens!.access;
  const { SecretCode, Session } = await person.cognito.send(
    new AssociateSoftwareTokenCommand({ AccessToken }),
  );
  assert.match(SecretCode!, /^[A-Z2-7]{32}$/, "160 bits");
  assert.equal(Session, undefined);
  return authenticatorOf(person, SecretCode!);
}

const verify = (person: Person, UserCode: string, FriendlyDeviceName = "Asha's phone") =>
  person.cognito.send(
    new VerifySoftwareTokenCommand({ AccessToken: person.tokens!.access, UserCode, FriendlyDeviceName }),
  );

// A user whose sign-in asks for a code.
async function enrolled(): Promise<Person> {
  const person = await new Person(world()).join();
  person.authenticator = await associate(person);
  await verify(person, person.authenticator.code());
  await prefer(person, on);
  return person;
}

// As far as the right SMS code leads.
async function halfWay(person: Person) {
  const { Session } = await person.askForCode();
  return person.answer(Session!, await person.code());
}

test("an administrator's first sign-in sets up an authenticator, and staff's routes answer", async () => {
  const phone = randomPhone();
  const made = await world().command("admin", "create", "--phone", phone, "--name", "Asha Rao");
  assert.equal(made.code, 0, made.text);
  const admin = new Person(world(), phone);
  const asked = await halfWay(admin);
  assert.equal(asked.AuthenticationResult, undefined);
  assert.equal(asked.ChallengeName, "MFA_SETUP");
  assert.deepEqual(JSON.parse(asked.ChallengeParameters!.MFAS_CAN_SETUP!), ["SOFTWARE_TOKEN_MFA"]);
  const { SecretCode, Session } = await admin.cognito.send(
    new AssociateSoftwareTokenCommand({ Session: asked.Session }),
  );
  admin.authenticator = authenticatorOf(admin, SecretCode!);
  const verifying = (UserCode: string) =>
    admin.cognito.send(new VerifySoftwareTokenCommand({ Session, UserCode }));
  const wrong = await rejected(
    verifying(admin.authenticator.wrongCode()),
    "EnableSoftwareTokenMFAException",
  );
  assert.equal(wrong.message, "Code mismatch and fail enable Software Token MFA");
  const respond = (Session: string | undefined, USERNAME = phone) =>
    admin.cognito.send(
      new RespondToAuthChallengeCommand({
        ClientId: admin.ClientId,
        ChallengeName: "MFA_SETUP",
        Session,
        ChallengeResponses: { USERNAME },
      }),
    );
  await rejected(respond(Session), "NotAuthorizedException"); // nothing has been verified
  const verified = await verifying(admin.authenticator.code());
  assert.equal(verified.Status, "SUCCESS");
  await rejected(respond(Session), "NotAuthorizedException");
  await rejected(respond(verified.Session, randomPhone()), "NotAuthorizedException");
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => respond(verified.Session)));
  const [first, ...others] = answers.filter((each) => each.status === "fulfilled");
  assert.equal(others.length, 0, "one session");
  admin.keep(first!.value.AuthenticationResult);
  assert.deepEqual(admin.claims.amr, ["sms", "otp", "mfa"]);
  assert.deepEqual(claimsOf(admin.tokens!.id).amr, ["sms", "otp", "mfa"]);
  await ok(admin.api.GET("/v1/admin/dead-letters"));
  const user = await getUser(admin);
  assert.deepEqual(user.UserMFASettingList, ["SOFTWARE_TOKEN_MFA"]);
  assert.equal(user.PreferredMfaSetting, "SOFTWARE_TOKEN_MFA");

  await admin.refresh();
  assert.deepEqual(admin.claims.amr, ["sms", "otp", "mfa"], "kept across refreshing");
  await ok(admin.api.GET("/v1/admin/dead-letters"));
  const again = await halfWay(admin);
  assert.equal(again.ChallengeName, "SOFTWARE_TOKEN_MFA");
  await rejected(
    admin.cognito.send(new AssociateSoftwareTokenCommand({ Session: again.Session })),
    "NotAuthorizedException",
  );
  admin.keep((await answerTotp(admin, again.Session!, admin.authenticator.code())).AuthenticationResult);
  await ok(admin.api.GET("/v1/admin/dead-letters"));
});

test("who becomes an administrator while signed in must sign in anew", async () => {
  const person = await new Person(world()).join();
  await world().command("admin", "create", "--phone", person.phone, "--name", "Ravi Rao");
  await person.refresh();
  assert.ok(person.claims["cognito:groups"].includes("admin"));
  assert.equal(person.claims.amr, undefined);
  await refused(person.api.GET("/v1/admin/dead-letters"), 403, "second_factor_required");
  await ok(person.api.GET("/v1/wallet"));
  await person.signIn();
  await ok(person.api.GET("/v1/admin/dead-letters"));
});

test("a user turns it on, is asked for a code, and turns it off again", async () => {
  const person = await new Person(world()).join();
  assert.equal((await getUser(person)).UserMFASettingList, undefined);
  await rejected(prefer(person, on), "InvalidParameterException");
  await prefer(person, { Enabled: false, PreferredMfa: false }); // Amplify's NOMFA, of who has none
  await prefer(person, undefined);
  await rejected(verify(person, "123456"), "SoftwareTokenMFANotFoundException");
  person.authenticator = await associate(person);
  const { authenticator } = person;
  await rejected(verify(person, authenticator.wrongCode()), "EnableSoftwareTokenMFAException");
  const code = authenticator.code();
  assert.equal((await verify(person, code)).Status, "SUCCESS");
  assert.equal((await getUser(person)).UserMFASettingList, undefined, "not yet asked for");
  await prefer(person, on);
  const user = await getUser(person);
  assert.deepEqual(user.UserMFASettingList, ["SOFTWARE_TOKEN_MFA"]);
  assert.equal(user.PreferredMfaSetting, "SOFTWARE_TOKEN_MFA");

  const asked = await halfWay(person);
  assert.equal(asked.ChallengeName, "SOFTWARE_TOKEN_MFA");
  assert.equal(asked.ChallengeParameters!.FRIENDLY_DEVICE_NAME, "Asha's phone");
  assert.equal(asked.ChallengeParameters!.USER_ID_FOR_SRP, person.sub);
  const mismatch = await rejected(
    answerTotp(person, asked.Session!, authenticator.wrongCode()),
    "CodeMismatchException",
  );
  assert.equal(mismatch.$metadata.httpStatusCode, 400);
  const used = await rejected(answerTotp(person, asked.Session!, code), "ExpiredCodeException");
  assert.equal(used.message, "Your software token has already been used once.");
  // Nothing of it is changed without the factor: the sign-in that turned it on did not pass it.
  await rejected(prefer(person, { Enabled: false }), "NotAuthorizedException");
  await rejected(associate(person), "NotAuthorizedException");
  const right = authenticator.code();
  person.keep((await answerTotp(person, asked.Session!, right)).AuthenticationResult);
  await rejected(answerTotp(person, asked.Session!, right), "NotAuthorizedException");
  await prefer(person, { Enabled: false });
  assert.equal((await getUser(person)).UserMFASettingList, undefined);
  await world().advance(16 * 60);
  assert.ok((await halfWay(person)).AuthenticationResult, "asked for no more");
});

test("a hundred parallel right answers give one sign-in, and one code is good for one", async () => {
  const person = await enrolled();
  await world().advance(16 * 60);
  const first = await halfWay(person);
  const second = await halfWay(person);
  const code = person.authenticator!.code();
  const answers = await Promise.allSettled(
    Array.from({ length: 100 }, (_, i) => answerTotp(person, [first, second][i % 2]!.Session!, code)),
  );
  assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 1);
});

test("five wrong codes end the challenge and lock the phone for a while, and the trail says so", async () => {
  const person = await enrolled();
  const { Session } = await halfWay(person);
  const { authenticator } = person;
  for (let i = 0; i < 5; ++i)
    await rejected(answerTotp(person, Session!, authenticator!.wrongCode()), "CodeMismatchException");
  await rejected(answerTotp(person, Session!, authenticator!.code()), "TooManyRequestsException");
  await rejected(person.askForCode(), "TooManyRequestsException");
  await world().advance(31);
  await rejected(answerTotp(person, Session!, authenticator!.code()), "NotAuthorizedException");
  const rows = await world().query(
    `select count(*) || ' ' || count(detail) from (select action, subject_id, detail from audit_pending
       union all select action, subject_id, detail from audit_log) a
     where action = 'second_factor.wrong' and subject_id = '${person.sub}'`,
  );
  assert.equal(rows, "5 1");
  await world().advance(16 * 60);
  await person.signIn();
});

test("a challenge is of one person, one client and three minutes", async () => {
  const [asha, ravi] = [await enrolled(), await enrolled()];
  const { Session } = await halfWay(asha);
  const stolen = new Person(world(), ravi.phone);
  await rejected(answerTotp(stolen, Session!, ravi.authenticator!.code()), "NotAuthorizedException");
  await rejected(answerTotp(asha, "x".repeat(43), asha.authenticator!.code()), "NotAuthorizedException");
  const { Session: sms } = await ravi.askForCode();
  await rejected(answerTotp(ravi, sms!, ravi.authenticator!.wrongCode()), "NotAuthorizedException");
  await world().advance(181);
  await rejected(answerTotp(asha, Session!, asha.authenticator!.code()), "NotAuthorizedException");
});

test("what makes no sense is refused by name", async () => {
  const person = await new Person(world()).join();
  const AccessToken = person.tokens!.access;
  const invalid: [string, object][] = [
    ["AssociateSoftwareToken", {}],
    ["AssociateSoftwareToken", { AccessToken, Session: "x".repeat(43) }],
    ["VerifySoftwareToken", { AccessToken }],
    ["VerifySoftwareToken", { AccessToken, UserCode: "12345" }],
    ["VerifySoftwareToken", { AccessToken, UserCode: "12345a" }],
    ["VerifySoftwareToken", { AccessToken, UserCode: "123456", FriendlyDeviceName: "x".repeat(200) }],
    ["SetUserMFAPreference", { AccessToken, SoftwareTokenMfaSettings: {} }],
    ["SetUserMFAPreference", { AccessToken, SMSMfaSettings: { Enabled: true } }],
    ["SetUserMFAPreference", { AccessToken, EmailMfaSettings: { Enabled: true, PreferredMfa: true } }],
    ["SetUserMFAPreference", { AccessToken, WebAuthnMfaSettings: { Enabled: true } }],
    ["SetUserMFAPreference", { AccessToken, SoftwareTokenMfaSettings: { PreferredMfa: true } }],
  ];
  for (const [operation, body] of invalid) {
    const { response, json } = await wire(world(), operation, body);
    assert.equal(`${response.status} ${json.__type}`, "400 InvalidParameterException", operation);
  }
  const typed = { AccessToken, SoftwareTokenMfaSettings: { Enabled: "yes" } };
  assert.equal((await wire(world(), "SetUserMFAPreference", typed)).json.__type, "SerializationException");
  for (const [operation, body] of [
    ["AssociateSoftwareToken", { AccessToken: "a.b.c" }],
    ["AssociateSoftwareToken", { Session: "x".repeat(43) }],
    ["VerifySoftwareToken", { Session: "x".repeat(43), UserCode: "123456" }],
    ["SetUserMFAPreference", { AccessToken: "a.b.c", SoftwareTokenMfaSettings: on }],
  ] as const)
    assert.equal((await wire(world(), operation, body)).json.__type, "NotAuthorizedException", operation);
  await person.signOutEverywhere();
  await rejected(associate(person), "NotAuthorizedException");
  await rejected(prefer(person, on), "NotAuthorizedException");
});

test("the secret and the device's name are nowhere in clear", async () => {
  const person = await enrolled();
  const { secret } = person.authenticator!;
  const dump = await world().query("select string_agg(t::text, ' ') from software_token t");
  assert.ok(!dump.includes(secret));
  assert.ok(!world().server.lines.join("\n").includes(secret));
  const audit = await world().query(
    "select count(*) from (select detail from audit_pending union all select detail from audit_log) a " +
      "where detail like '%phone%'",
  );
  assert.equal(audit, "0");
});
