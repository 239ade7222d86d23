// The user pool's admin operations as the stock AWS SDK calls them, signed with the operator's key.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AdminAddUserToGroupCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminUpdateUserAttributesCommand,
  AdminUserGlobalSignOutCommand,
  type CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { book, hold, listedAstrologer, slotsOf } from "./support/astrologer.ts";
import { ok, refused, rejected } from "./support/expect.ts";
import {
  adminClient,
  attributesOf,
  diesWithinASecond,
  firstKey,
  Operator,
  statusOf,
} from "./support/operator.ts";
import { Person } from "./support/person.ts";
import { randomAddress, randomPhone } from "./support/place.ts";
import { useWorld } from "./support/world.ts";

let cognito: CognitoIdentityProviderClient;
let UserPoolId: string;
let operator: Operator;
const world = useWorld({}, async (world) => {
  operator = new Operator(world);
  ({ cognito, UserPoolId } = operator);
});

test("a created user is confirmed, is found by phone and by sub, and signs in", async () => {
  const phone = randomPhone();
  const { User } = await operator.create(phone, {
    phone_number: phone,
    name: "Asha Rao",
    "custom:user_type": "user",
  });
  assert.equal(User!.UserStatus, "CONFIRMED");
  assert.equal(User!.Enabled, true);
  assert.ok(User!.UserCreateDate instanceof Date);
  assert.equal(attributesOf(User!.Attributes).phone_number, phone);
  for (const name of [phone, User!.Username!]) {
    const got = await operator.get(name);
    assert.equal(got.Username, User!.Username);
    assert.equal(got.UserStatus, "CONFIRMED");
    assert.deepEqual(attributesOf(got.UserAttributes), attributesOf(User!.Attributes));
  }
  await rejected(operator.create(phone), "UsernameExistsException");
  const person = await new Person(world(), phone).signIn();
  assert.equal(person.sub, User!.Username);
});

test("what is not signed by a key we know, now, for here, is refused by name", async () => {
  const key = firstKey(world());
  const ask = (client: CognitoIdentityProviderClient) =>
    client.send(new DescribeUserPoolCommand({ UserPoolId }));
  const otherSecret = { ...key, secretAccessKey: "a".repeat(40) };
  const otherKey = { ...key, accessKeyId: "AKIAAAAAAAAAAAAAAAAA" };
  await rejected(ask(adminClient(world(), otherSecret)), "InvalidSignatureException");
  await rejected(ask(adminClient(world(), otherKey)), "UnrecognizedClientException");
  for (const systemClockOffset of [-330_000, 330_000]) {
    const skewed = adminClient(world(), key, { systemClockOffset });
    await rejected(ask(skewed), "InvalidSignatureException");
  }
  const elsewhere = adminClient(world(), key, { region: "us-east-1" });
  await rejected(ask(elsewhere), "InvalidSignatureException");
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AWSCognitoIdentityProviderService.AdminGetUser",
    "x-forwarded-for": randomAddress(),
  };
  for (const [authorization, name] of [
    [undefined, "MissingAuthenticationTokenException"],
    ["Bearer abc", "IncompleteSignatureException"],
    ["AWS4-HMAC-SHA256 Credential=AKIA", "IncompleteSignatureException"],
  ]) {
    const response = await fetch(`${world().base}/cognito/`, {
      method: "POST",
      headers: authorization ? { ...headers, authorization } : headers,
      body: "{}",
    });
    assert.equal(response.status, 400);
    assert.equal(response.headers.get("x-amzn-errortype"), name);
    assert.equal(((await response.json()) as { __type: string }).__type, name);
  }
});

test("a signature is of one body", async () => {
  const tampering = adminClient(world(), firstKey(world()));
  tampering.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: string | Uint8Array };
      request.body = Buffer.from(request.body).toString().replace("+91", "+92");
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "tamper" },
  );
  const asked = tampering.send(new AdminGetUserCommand({ UserPoolId, Username: randomPhone() }));
  await rejected(asked, "InvalidSignatureException");
});

test("nobody of that name, and no such pool", async () => {
  for (const Username of [randomPhone(), "019aae5f-0000-7000-8000-000000000001", "nobody"]) {
    const user = { UserPoolId, Username };
    const group = { ...user, GroupName: "support" };
    const asked = [
      () => cognito.send(new AdminGetUserCommand(user)),
      () => operator.update(Username, "name", "Nobody"),
      () => cognito.send(new AdminDisableUserCommand(user)),
      () => cognito.send(new AdminEnableUserCommand(user)),
      () => cognito.send(new AdminDeleteUserCommand(user)),
      () => cognito.send(new AdminUserGlobalSignOutCommand(user)),
      () => cognito.send(new AdminAddUserToGroupCommand(group)),
      () => cognito.send(new AdminRemoveUserFromGroupCommand(group)),
      () => cognito.send(new AdminListGroupsForUserCommand(user)),
    ];
    for (const ask of asked) await rejected(ask(), "UserNotFoundException");
  }
  const elsewhere = new DescribeUserPoolCommand({ UserPoolId: "ap-south-1_Nowhere00" });
  await rejected(cognito.send(elsewhere), "ResourceNotFoundException");
});

test("an admin changes name and type, and nothing that staff or KYC decide", async () => {
  const person = await new Person(world()).join("user");
  await operator.update(person.phone, "name", "Meera Joshi");
  assert.equal(attributesOf((await operator.get(person.sub)).UserAttributes).name, "Meera Joshi");
  assert.equal(await statusOf(person), 200);
  await operator.update(person.sub, "name", "");
  assert.equal(attributesOf((await operator.get(person.sub)).UserAttributes).name, undefined);
  for (const [name, value] of [
    ["custom:profile_status", "approved"],
    ["custom:kyc_status", "completed"],
    ["custom:user_type", "admin"],
    ["custom:anything", "x"],
    ["sub", person.sub],
    ["phone_number", randomPhone()],
    ["phone_number_verified", "false"],
    ["email", "no address"],
    ["email_verified", "yes"],
    ["email_verified", "true"], // of nothing
    ["website", "https://example.in"],
  ] as const) {
    await rejected(operator.update(person.sub, name, value), "InvalidParameterException");
    await rejected(operator.create(randomPhone(), { [name]: value }), "InvalidParameterException");
  }
  const nothing = new AdminUpdateUserAttributesCommand({
    UserPoolId,
    Username: person.sub,
    UserAttributes: [],
  });
  await rejected(cognito.send(nothing), "InvalidParameterException");
  await operator.update(person.sub, "custom:user_type", "astrologer");
  await diesWithinASecond(person);
  await person.signIn();
  assert.equal(person.claims["custom:user_type"], "astrologer");
  assert.equal(person.claims["custom:profile_status"], "pending");
});

test("a disabled user's tokens end within a second; enabled again, they sign in", async () => {
  const person = await new Person(world()).join();
  const elsewhere = await new Person(world(), person.phone).signIn();
  const user = { UserPoolId, Username: person.phone };
  await cognito.send(new AdminDisableUserCommand(user));
  await Promise.all([diesWithinASecond(person), diesWithinASecond(elsewhere)]);
  await rejected(person.useRefreshToken(), "NotAuthorizedException");
  assert.equal((await operator.get(person.sub)).Enabled, false);
  await cognito.send(new AdminEnableUserCommand(user));
  assert.equal(await statusOf(person), 401, "what has ended stays so");
  await person.signIn();
  assert.equal(await statusOf(person), 200);
  await cognito.send(new AdminUserGlobalSignOutCommand(user));
  await diesWithinASecond(person);
});

test("a group gives its right within a second, and takes it", async () => {
  const person = await new Person(world()).join();
  const membership = { UserPoolId, Username: person.sub, GroupName: "admin" };
  const before = person.tokens!.access;
  await cognito.send(new AdminAddUserToGroupCommand(membership));
  await diesWithinASecond(person, before);
  await person.refresh();
  assert.deepEqual(person.claims["cognito:groups"], ["admin"]);
  await refused(person.api.GET("/v1/admin/dead-letters"), 403, "second_factor_required");
  await person.signIn();
  assert.equal((await person.api.GET("/v1/admin/dead-letters")).response.status, 200);
  const { Groups } = await cognito.send(
    new AdminListGroupsForUserCommand({ UserPoolId, Username: person.phone }),
  );
  assert.deepEqual(
    Groups!.map(({ GroupName }) => GroupName),
    ["admin"],
  );
  await cognito.send(new AdminRemoveUserFromGroupCommand(membership));
  await diesWithinASecond(person);
  await person.signIn();
  await refused(person.api.GET("/v1/admin/dead-letters"), 403, "forbidden");
  const nowhere = new AdminAddUserToGroupCommand({ ...membership, GroupName: "nosuch" });
  await rejected(cognito.send(nowhere), "ResourceNotFoundException");
});

test("a deleted user is gone, what they booked is not, and the phone signs up anew", async () => {
  const staff = await world().admin();
  const astrologer = await listedAstrologer(world(), staff);
  const user = await new Person(world()).join();
  const { items } = await slotsOf(user, astrologer);
  const { id } = await ok(book(user, (await ok(hold(user, astrologer.sub, items[4]!.startsAt))).id));
  await cognito.send(new AdminDeleteUserCommand({ UserPoolId, Username: user.phone }));
  await diesWithinASecond(user);
  await rejected(operator.get(user.phone), "UserNotFoundException");
  await rejected(operator.get(user.sub), "UserNotFoundException");
  const theirs = await ok(astrologer.api.GET("/v1/astrologer/bookings"));
  assert.deepEqual(
    theirs.items.map((each) => each.id),
    [id],
  );
  const ledger = await world().command("ledger", "verify");
  assert.equal(ledger.code, 0, ledger.text);
  const again = await new Person(world(), user.phone).join();
  assert.notEqual(again.sub, user.sub);
  await cognito.send(new AdminDeleteUserCommand({ UserPoolId, Username: astrologer.sub }));
  await diesWithinASecond(astrologer);
  const slots = await again.api.GET("/v1/astrologers/{id}/slots", {
    params: { path: { id: astrologer.sub }, query: { minutes: 15, days: 2, channel: "chat" } },
  });
  assert.equal(slots.response.status, 404);
});

test("the pool and its client are described", async () => {
  const { UserPool } = await cognito.send(new DescribeUserPoolCommand({ UserPoolId }));
  assert.equal(UserPool!.Id, UserPoolId);
  assert.deepEqual(UserPool!.UsernameAttributes, ["phone_number"]);
  assert.ok(UserPool!.EstimatedNumberOfUsers! > 0);
  assert.ok(UserPool!.CreationDate instanceof Date);
  const ClientId = world().config.clientId;
  const { UserPoolClient } = await cognito.send(
    new DescribeUserPoolClientCommand({ UserPoolId, ClientId }),
  );
  assert.equal(UserPoolClient!.ClientId, ClientId);
  assert.equal(UserPoolClient!.AccessTokenValidity, 3600);
  assert.equal(UserPoolClient!.RefreshTokenRotation!.Feature, "ENABLED");
  assert.deepEqual(UserPoolClient!.ExplicitAuthFlows, ["ALLOW_USER_AUTH"]);
  assert.ok(!UserPoolClient!.WriteAttributes!.includes("custom:kyc_status"));
  const nowhere = new DescribeUserPoolClientCommand({ UserPoolId, ClientId: "nosuchclient" });
  await rejected(cognito.send(nowhere), "ResourceNotFoundException");
});

test("every act and every reading is in the audit log, with the key and without the phone", async () => {
  const person = await new Person(world()).join();
  const user = { UserPoolId, Username: person.sub };
  await operator.get(person.phone);
  await cognito.send(new AdminUserGlobalSignOutCommand(user));
  await cognito.send(new AdminDisableUserCommand(user));
  await cognito.send(new AdminDeleteUserCommand(user));
  const rows = await world().query(
    `select string_agg(action, ',' order by id) from
     (select id, action, subject_id, detail from audit_log
      union all select id, action, subject_id, detail from audit_pending) a
     where subject_id = '${person.sub}' and detail like '%"accessKey":"${firstKey(world()).accessKeyId}"%'`,
  );
  assert.equal(rows, "admin.read_user,session.end_all,user.disable,user.delete");
  const leaks = await world().query("select count(*) from audit_log where detail like '%+91%'");
  assert.equal(leaks, "0");
});
