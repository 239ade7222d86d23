// Lists of the user pool's users and groups: filters, pages and their tokens.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AdminAddUserToGroupCommand,
  AdminDisableUserCommand,
  type CognitoIdentityProviderClient,
  CreateGroupCommand,
  ListGroupsCommand,
  ListUsersInGroupCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { rejected } from "./support/expect.ts";
import { attributesOf, Operator } from "./support/operator.ts";
import { Person } from "./support/person.ts";
import { randomPhone } from "./support/place.ts";
import { until } from "./support/program.ts";
import { useWorld } from "./support/world.ts";

let cognito: CognitoIdentityProviderClient;
let UserPoolId: string;
let operator: Operator;
const world = useWorld({}, async (world) => {
  operator = new Operator(world);
  ({ cognito, UserPoolId } = operator);
});
const found = async (Filter: string) =>
  (await operator.list({ Filter })).Users!.map(({ Username }) => Username!);

test("groups are made once, listed in pages, and say who is in them", async () => {
  const { Groups } = await cognito.send(new ListGroupsCommand({ UserPoolId }));
  const names = Groups!.map(({ GroupName }) => GroupName);
  for (const name of ["user", "astrologer", "admin", "support"]) assert.ok(names.includes(name), name);
  const made = await cognito.send(
    new CreateGroupCommand({ UserPoolId, GroupName: "beta", Description: "Early users", Precedence: 3 }),
  );
  assert.equal(made.Group!.Precedence, 3);
  assert.ok(made.Group!.CreationDate instanceof Date);
  const again = new CreateGroupCommand({ UserPoolId, GroupName: "beta" });
  await rejected(cognito.send(again), "GroupExistsException");
  const paged: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cognito.send(new ListGroupsCommand({ UserPoolId, Limit: 2, NextToken }));
    assert.ok(page.Groups!.length <= 2);
    paged.push(...page.Groups!.map(({ GroupName }) => GroupName!));
    NextToken = page.NextToken;
  } while (NextToken);
  assert.deepEqual(paged, [...new Set(paged)].sort());
  assert.ok(paged.includes("beta"));
  const members = [];
  for (let i = 0; i < 3; ++i) {
    const { User } = await operator.create(randomPhone());
    members.unshift(User!.Username!);
    const membership = { UserPoolId, Username: User!.Username!, GroupName: "beta" };
    await cognito.send(new AdminAddUserToGroupCommand(membership));
  }
  const first = await cognito.send(
    new ListUsersInGroupCommand({ UserPoolId, GroupName: "beta", Limit: 2 }),
  );
  const rest = await cognito.send(
    new ListUsersInGroupCommand({ UserPoolId, GroupName: "beta", NextToken: first.NextToken }),
  );
  assert.deepEqual(
    [...first.Users!, ...rest.Users!].map(({ Username }) => Username),
    members,
  );
  const nowhere = new ListUsersInGroupCommand({ UserPoolId, GroupName: "nosuch" });
  await rejected(cognito.send(nowhere), "ResourceNotFoundException");
});

test("more users than a page are listed whole, and a token goes on with its own filter only", async () => {
  const start = `+9197${String(Math.floor(Math.random() * 1e5)).padStart(5, "0")}`;
  const phones = Array.from({ length: 65 }, (_, i) => `${start}${String(i).padStart(3, "0")}`);
  for (let i = 0; i < phones.length; i += 13)
    await Promise.all(phones.slice(i, i + 13).map((phone) => operator.create(phone)));
  const Filter = `phone_number ^= "${start}"`;
  await until(
    "the phones to be findable by how they begin",
    async () => (await operator.list({ Filter: `phone_number ^= "${start}06"` })).Users!.length === 5,
    5_000,
  );
  const first = await operator.list({ Filter });
  assert.equal(first.Users!.length, 60);
  const rest = await operator.list({ Filter, PaginationToken: first.PaginationToken });
  assert.equal(rest.PaginationToken, undefined);
  const seen = [...first.Users!, ...rest.Users!].map(
    ({ Attributes }) => attributesOf(Attributes).phone_number,
  );
  assert.deepEqual(seen.sort(), phones);
  const all: string[] = [];
  let PaginationToken: string | undefined;
  do {
    const page = await operator.list({ Limit: 20, PaginationToken });
    all.push(...page.Users!.map(({ Username }) => Username!));
    PaginationToken = page.PaginationToken;
  } while (PaginationToken);
  assert.equal(new Set(all).size, all.length);
  const counted = await world().query("select count(*) from pool_user where deleted_at is null");
  assert.equal(String(all.length), counted);
  for (const wrong of [{ PaginationToken: first.PaginationToken }, { Filter, PaginationToken: "AAAA" }])
    await rejected(operator.list(wrong), "InvalidParameterException");
});

test("filters find by phone, id and state; what is not one is refused", async () => {
  const person = await new Person(world()).join();
  const waiting = new Person(world());
  const { UserSub } = await waiting.signUp("user");
  assert.deepEqual(await found(`phone_number = "${person.phone}"`), [person.sub]);
  assert.deepEqual(await found(`sub = "${person.sub}"`), [person.sub]);
  assert.ok((await found(`username ^= "${person.sub.slice(0, 30)}"`)).includes(person.sub));
  assert.deepEqual(await found(`phone_number = "${randomPhone()}"`), []);
  assert.deepEqual(await found('cognito:user_status = "UNCONFIRMED"'), [UserSub]);
  assert.ok((await found('cognito:user_status = "CONFIRMED"')).includes(person.sub));
  await cognito.send(new AdminDisableUserCommand({ UserPoolId, Username: person.sub }));
  assert.deepEqual(await found('status = "Disabled"'), [person.sub]);
  for (const wrong of ["sub", 'sub = "x', 'email = "a"', 'name ^= "A"', 'custom:user_type = "user"'])
    await rejected(operator.list({ Filter: wrong }), "InvalidParameterException");
  assert.ok((await found("")).length > 1, "an empty filter leaves nobody out");
  await rejected(operator.list({ Limit: 61 }), "InvalidParameterException");
  const { Users } = await operator.list({
    Filter: `sub = "${person.sub}"`,
    AttributesToGet: ["phone_number"],
  });
  assert.deepEqual(Users![0]!.Attributes, [{ Name: "phone_number", Value: person.phone }]);
  await rejected(operator.list({ AttributesToGet: ["shoe_size"] }), "InvalidParameterException");
});
