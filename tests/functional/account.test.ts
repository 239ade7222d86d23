// What people do to their own account with the stock SDK: name, phone, sessions, the end of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DeleteUserCommand,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  ListUserSessionsCommand,
  RevokeUserSessionCommand,
  UpdateUserAttributesCommand,
  VerifyUserAttributeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { book, cancel, hold, listedAstrologer, slotsOf, wallet } from "./support/astrologer.ts";
import { ok, refused, rejected } from "./support/expect.ts";
import { Person } from "./support/person.ts";
import { inbox, nextCode, randomPhone } from "./support/place.ts";
import { until } from "./support/program.ts";
import { wire } from "./support/wire.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();

const change = (person: Person, ...attributes: [string, string][]) =>
  person.cognito.send(
    new UpdateUserAttributesCommand({
      AccessToken: person.tokens!.access,
      UserAttributes: attributes.map(([Name, Value]) => ({ Name, Value })),
    }),
  );
const verify = (person: Person, Code: string) =>
  person.cognito.send(
    new VerifyUserAttributeCommand({
      AccessToken: person.tokens!.access,
      AttributeName: "phone_number",
      Code,
    }),
  );
const attributesOf = async (person: Person) => {
  const got = await person.cognito.send(new GetUserCommand({ AccessToken: person.tokens!.access }));
  return Object.fromEntries(got.UserAttributes!.map(({ Name, Value }) => [Name, Value]));
};
const sessionsOf = async (person: Person) =>
  (await person.cognito.send(new ListUserSessionsCommand({ AccessToken: person.tokens!.access })))
    .Sessions!;
const close = (person: Person) =>
  person.cognito.send(new DeleteUserCommand({ AccessToken: person.tokens!.access }));
const askingFrom = (person: Person, phone: string) => {
  const elsewhere = new Person(world(), phone);
  elsewhere.tokens = person.tokens;
  return elsewhere;
};

test("a name is changed and taken away", async () => {
  const person = await new Person(world()).join();
  assert.deepEqual((await change(person, ["name", "Asha Rao"])).CodeDeliveryDetailsList, []);
  assert.equal((await attributesOf(person)).name, "Asha Rao");
  await change(person, ["name", ""]);
  assert.equal((await attributesOf(person)).name, undefined);
  await rejected(change(person, ["name", "a\u0007b"]), "InvalidParameterException");
});

test("nobody writes what staff and KYC decide, nor what they are", async () => {
  const person = await new Person(world()).join();
  const before = await attributesOf(person);
  for (const [name, value] of [
    ["custom:user_type", "astrologer"],
    ["custom:kyc_status", "completed"],
    ["custom:profile_status", "approved"],
    ["phone_number_verified", "true"],
    ["email_verified", "true"],
    ["sub", "019aae5f-0000-7000-8000-000000000001"],
    ["cognito:groups", "admin"],
  ] as const)
    await rejected(change(person, ["name", "Nobody"], [name, value]), "NotAuthorizedException");
  await rejected(change(person, ["custom:unheard_of", "x"]), "InvalidParameterException");
  assert.deepEqual(await attributesOf(person), before, "all or nothing");
});

test("a new phone signs in once it is proved, and the old one is told and out", async () => {
  const person = await new Person(world()).join();
  const phone = randomPhone();
  const asked = await change(person, ["phone_number", phone], ["name", "Asha"]);
  assert.deepEqual(asked.CodeDeliveryDetailsList, [
    {
      AttributeName: "phone_number",
      DeliveryMedium: "SMS",
      Destination: `+********${phone.slice(-4)}`,
    },
  ]);
  assert.equal((await attributesOf(person)).phone_number, person.phone, "not before it is proved");
  const first = await nextCode(world(), phone);
  await person.cognito.send(
    new GetUserAttributeVerificationCodeCommand({
      AccessToken: person.tokens!.access,
      AttributeName: "phone_number",
    }),
  );
  const second = await nextCode(world(), phone);
  if (first !== second) await rejected(verify(person, first), "CodeMismatchException");
  await verify(person, second);
  assert.equal((await attributesOf(person)).phone_number, phone);
  const text = await until("the old phone to be told", async () =>
    (await inbox(world(), person.phone)).find((message) => message.text.includes("another number")),
  );
  assert.ok(!text.text.includes(phone.slice(-4)), "the old phone does not learn the new one");

  const renamed = new Person(world(), phone);
  await renamed.signIn();
  assert.equal(renamed.sub, person.sub);
  const { length } = await inbox(world(), person.phone);
  await person.askForCode();
  await world().advance(1);
  await new Person(world()).join(); // whose messages come after one to the old phone would have
  assert.equal((await inbox(world(), person.phone)).length, length);
  await rejected(verify(person, second), "InvalidParameterException");
});

test("a number of somebody else is refused to whoever proves to have it, and to nobody before", async () => {
  const owner = await new Person(world()).join();
  const person = await new Person(world()).join();
  const free = randomPhone();
  const [toOwned, toFree] = [
    await change(person, ["phone_number", owner.phone]),
    await change(await new Person(world()).join(), ["phone_number", free]),
  ];
  const shape = ({ CodeDeliveryDetailsList }: typeof toOwned) =>
    CodeDeliveryDetailsList!.map(({ Destination, ...rest }) => ({ ...rest, length: Destination!.length }));
  assert.deepEqual(shape(toOwned), shape(toFree));
  await rejected(verify(person, await nextCode(world(), owner.phone)), "AliasExistsException");
  await owner.signIn();
});

test("a phone is changed only soon after a sign-in", async () => {
  const person = await new Person(world()).join();
  await world().advance(601);
  const refusal = await rejected(change(person, ["phone_number", randomPhone()]), "NotAuthorizedException");
  assert.match(refusal.message, /sign in again/i);
  assert.equal((await attributesOf(person)).phone_number, person.phone);
});

test("whoever tries many numbers is told when to come back", async () => {
  const person = await new Person(world()).join();
  let refusal: Error | undefined;
  for (let i = 0; i < 25 && !refusal; ++i)
    await change(person, ["phone_number", randomPhone()]).catch((error: Error) => (refusal = error));
  assert.equal(refusal?.name, "LimitExceededException");
  assert.match(refusal.message, /in \d+ seconds/);
});

test("sessions are listed with device and place, and another's tokens die when it is ended", async () => {
  const person = await new Person(world()).join();
  const laptop = await new Person(world(), person.phone).signIn();
  const stranger = await new Person(world()).join();
  const listed = await sessionsOf(person);
  assert.equal(listed.length, 2);
  const [newest, own] = listed;
  assert.equal(own!.IsCurrentSession, true);
  assert.equal(newest!.IsCurrentSession, false);
  assert.match(newest!.SessionId!, /^tkn[0-9a-z]{25}$/);
  assert.equal(newest!.SessionType, "TOKEN");
  assert.equal(newest!.LastIPAddress, laptop.address);
  assert.match(newest!.DeviceType!, /^AWS SDK/);
  assert.ok(newest!.CreateDate! <= newest!.LastActiveDate!);

  const revoke = (by: Person, SessionId: string) =>
    by.cognito.send(new RevokeUserSessionCommand({ AccessToken: by.tokens!.access, SessionId }));
  await rejected(revoke(stranger, newest!.SessionId!), "ResourceNotFoundException");
  await rejected(revoke(person, own!.SessionId!), "InvalidParameterException");
  await rejected(revoke(person, "tknzzzzzzzzzzzzzzzzzzzzzzzzz"), "ResourceNotFoundException");
  await revoke(person, newest!.SessionId!);
  await rejected(revoke(person, newest!.SessionId!), "ResourceNotFoundException");
  await rejected(laptop.useRefreshToken(), "NotAuthorizedException");
  await until(
    "the ended session's token to be refused",
    async () => (await laptop.api.GET("/v1/me")).response.status === 401,
    2_000,
  );
  await rejected(sessionsOf(laptop), "NotAuthorizedException");
  assert.equal((await sessionsOf(person)).length, 1);
  await ok(person.api.GET("/v1/me"));
});

test("an account with a booking stays until it is cancelled; then it is gone", async () => {
  const admin = await world().admin();
  const astrologer = await listedAstrologer(world(), admin);
  const person = await new Person(world()).join();
  const slot = (await slotsOf(person, astrologer)).items[120]!; // more than a day away
  const held = await ok(hold(person, astrologer.sub, slot.startsAt));
  const booked = await ok(book(person, held.id));
  await rejected(close(person), "InvalidParameterException");
  await rejected(close(astrologer), "InvalidParameterException");
  await ok(cancel(person, booked.id));
  await close(person);
  await rejected(close(person), "NotAuthorizedException");
  await until(
    "the closed account's token to be refused",
    async () => (await person.api.GET("/v1/me")).response.status === 401,
    2_000,
  );
  await rejected(person.useRefreshToken(), "NotAuthorizedException");
  await close(astrologer);
  await refused(
    (await new Person(world()).join()).api.GET("/v1/astrologers/{id}", {
      params: { path: { id: astrologer.sub } },
    }),
    404,
    "astrologer_not_found",
  );
});

test("whoever closes an account and comes back is somebody new, without a second welcome", async () => {
  const person = await new Person(world()).join();
  assert.equal((await wallet(person)).bonus, 10_000);
  await close(person);
  await world().advance(15 * 60);
  const again = await askingFrom(person, person.phone).join();
  assert.notEqual(again.sub, person.sub);
  assert.equal((await wallet(again)).bonus, 0);
});

test("without a token, or with a wrong one, nothing of this answers", async () => {
  for (const [operation, more] of [
    ["UpdateUserAttributes", { UserAttributes: [{ Name: "name", Value: "x" }] }],
    ["DeleteUserAttributes", { UserAttributeNames: ["email"] }],
    ["GetUserAttributeVerificationCode", { AttributeName: "phone_number" }],
    ["GetUserAttributeVerificationCode", { AttributeName: "email" }],
    ["VerifyUserAttribute", { AttributeName: "email", Code: "123456" }],
    ["VerifyUserAttribute", { AttributeName: "phone_number", Code: "123456" }],
    ["ListUserSessions", {}],
    ["RevokeUserSession", { SessionId: "tkn0000000000000000000000000" }],
    ["DeleteUser", {}],
  ] as const) {
    const wrong = await wire(world(), operation, { AccessToken: "a.b.c", ...more });
    assert.equal(wrong.json.__type, "NotAuthorizedException", operation);
    const none = await wire(world(), operation, more);
    assert.equal(none.json.__type, "InvalidParameterException", operation);
  }
});
