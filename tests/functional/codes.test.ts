// Sending codes: who gets one, how many there are, and that nobody learns from it who has an account.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { rejected, rejectedAsOne } from "./support/expect.ts";
import { cognitoClient, Person } from "./support/person.ts";
import { inbox, randomPhone } from "./support/place.ts";
import { until } from "./support/program.ts";
import { wire } from "./support/wire.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld({
  env: { ASTROTALK_CODES_PER_ADDRESS: "25", ASTROTALK_CODES_PER_DEVICE: "10" },
});

const other = (code: string) => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, "0");

test("three codes in fifteen minutes: a refused send sends nothing, whatever is retried", async () => {
  const person = await new Person(world()).join(); // one code
  for (let i = 0; i < 2; ++i) await person.askForCode();
  await until("three messages", async () => (await inbox(world(), person.phone)).length === 3);
  const patient = cognitoClient(world(), person.address, 3);
  const command = new InitiateAuthCommand({
    ClientId: person.ClientId,
    AuthFlow: "USER_AUTH",
    AuthParameters: { USERNAME: person.phone, PREFERRED_CHALLENGE: "SMS_OTP" },
  });
  await rejectedAsOne(patient.send(command), ["TooManyRequestsException", "LimitExceededException"]);
  await world().advance(14 * 60);
  await rejectedAsOne(person.askForCode(), ["TooManyRequestsException", "LimitExceededException"]);
  assert.equal((await inbox(world(), person.phone)).length, 3);
  await world().advance(61); // the refused ones did not lengthen the window
  await person.askForCode();
  await until("the fourth message", async () => (await inbox(world(), person.phone)).length === 4);
});

test("a refused send says when to come back, except to the SDK, which would sleep until then", async () => {
  const person = new Person(world());
  const ask = () =>
    wire(world(), "InitiateAuth", {
      ClientId: person.ClientId,
      AuthFlow: "USER_AUTH",
      AuthParameters: { USERNAME: person.phone, PREFERRED_CHALLENGE: "SMS_OTP" },
    });
  for (let i = 0; i < 3; ++i) assert.equal((await ask()).response.status, 200);
  const { response, json } = await ask();
  assert.equal(response.status, 400);
  assert.equal(json.__type, "TooManyRequestsException");
  const wait = Number(response.headers.get("retry-after"));
  assert.ok(wait > 890 && wait <= 900, `${wait}`);
  assert.match(
    json.message,
    /^Attempt limit exceeded, please try after some time\. Try again in \d+ seconds\.$/,
  );
  const began = Date.now();
  const patient = new Person(world(), person.phone);
  const command = new InitiateAuthCommand({
    ClientId: patient.ClientId,
    AuthFlow: "USER_AUTH",
    AuthParameters: { USERNAME: patient.phone, PREFERRED_CHALLENGE: "SMS_OTP" },
  });
  const refused = await rejected(
    cognitoClient(world(), patient.address, 3).send(command),
    "TooManyRequestsException",
  );
  assert.match(refused.message, /Try again in \d+ seconds/);
  assert.equal(refused.$metadata.attempts, 3);
  assert.ok(Date.now() - began < 5_000, "the SDK slept");
});

test("a phone with an account signs up like one without, and its owner is told", async () => {
  const owner = await new Person(world()).join();
  const stranger = new Person(world(), owner.phone);
  const [taken, again, fresh] = [
    await stranger.signUp("user"),
    await stranger.signUp("user"),
    await new Person(world()).signUp("user"),
  ];
  assert.deepEqual(Object.keys(taken).sort(), Object.keys(fresh).sort());
  assert.equal(taken.UserConfirmed, false);
  assert.equal(taken.Session!.length, fresh.Session!.length);
  assert.notEqual(taken.UserSub, owner.sub);
  assert.notEqual(taken.UserSub, again.UserSub);
  const bornAt = (id: string) => parseInt(id.slice(0, 8), 16); // ids begin with their time, in steps of 65 s
  assert.ok(Math.abs(bornAt(taken.UserSub!) - bornAt(fresh.UserSub!)) <= 1, "it is older than the asking");
  await until("the notice", async () =>
    (await inbox(world(), owner.phone)).some(({ text }) => /sign in instead/.test(text)),
  );
  await rejected(stranger.confirm("123456", taken.Session!), "ExpiredCodeException"); // superseded
  await rejected(stranger.confirm("123456", again.Session!), "CodeMismatchException");
  await rejected(stranger.signUp("user"), "LimitExceededException");
  await owner.refresh();
});

test("codes that nobody enters are limited by address and by device, whatever their phones", async () => {
  // As Amplify sends it.
  const context = (DeviceId: string) => ({
    EncodedData: Buffer.from(
      JSON.stringify({ payload: JSON.stringify({ contextData: { DeviceId } }), signature: "s" }),
    ).toString("base64"),
  });
  const ask = (address: string, device: string, byHeader = true) =>
    wire(
      world(),
      "InitiateAuth",
      {
        ClientId: world().config.clientId,
        AuthFlow: "USER_AUTH",
        AuthParameters: { USERNAME: randomPhone(), PREFERRED_CHALLENGE: "SMS_OTP" },
        ...(byHeader ? {} : { UserContextData: context(device) }),
      },
      { "x-forwarded-for": address, ...(byHeader && { "x-device-id": device }) },
    ).then(({ response }) => response.status);
  const statuses = async (count: number, one: (i: number) => Promise<number>) =>
    (await Promise.all(Array.from({ length: count }, (_, i) => one(i)))).filter((s) => s === 200).length;
  const house = (i: number) => ask("203.0.113.9", `device-in-house-${i}`);
  assert.equal(await statuses(30, house), 25);
  const roaming = (i: number) => ask(`198.51.${i}.1`, "one-device-everywhere", i % 2 === 0);
  assert.equal(await statuses(15, roaming), 10);
});

test("a phone that nobody has answers like one that somebody has, without an SMS", async () => {
  const known = await new Person(world()).join();
  const unknown = new Person(world());
  const [a, b] = [await known.askForCode(), await unknown.askForCode()];
  assert.equal(b.ChallengeName, a.ChallengeName);
  assert.deepEqual(Object.keys(b.ChallengeParameters!).sort(), Object.keys(a.ChallengeParameters!).sort());
  assert.equal(
    b.ChallengeParameters!.CODE_DELIVERY_DESTINATION,
    a.ChallengeParameters!.CODE_DELIVERY_DESTINATION!.replace(/\d{4}$/, unknown.phone.slice(-4)),
  );
  assert.equal(b.Session!.length, a.Session!.length);
  const code = await known.code();
  const refusedKnown = await rejected(known.answer(a.Session!, other(code)), "CodeMismatchException");
  const refusedUnknown = await rejected(unknown.answer(b.Session!, "123456"), "CodeMismatchException");
  assert.equal(refusedUnknown.message, refusedKnown.message);
  const resend = (Username: string) =>
    unknown.cognito.send(new ResendConfirmationCodeCommand({ ClientId: unknown.ClientId, Username }));
  assert.equal((await resend(randomPhone())).CodeDeliveryDetails?.DeliveryMedium, "SMS");
  assert.equal((await inbox(world(), unknown.phone)).length, 0);
});
