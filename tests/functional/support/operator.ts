// Who holds a key of the user pool's admin operations, and calls them with the stock AWS SDK.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminUpdateUserAttributesCommand,
  type AttributeType,
  type CognitoIdentityProviderClient,
  ListUsersCommand,
  type ListUsersCommandInput,
} from "@aws-sdk/client-cognito-identity-provider";
import { cognitoClient, type Person } from "./person.ts";
import { type Place, randomAddress } from "./place.ts";
import { until } from "./program.ts";
import type { World } from "./world.ts";

export interface AdminKey {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  userPoolId: string;
}

// The key that the server made at its first start.
export function firstKey(world: World): AdminKey {
  const file = join(world.env.ASTROTALK_DATA_DIR!, "credentials.json");
  assert.equal(statSync(file).mode & 0o777, 0o600, "readable by its owner alone");
  return JSON.parse(readFileSync(file, "utf8")).admin;
}

export function adminClient(
  place: Place,
  key: AdminKey,
  change: { region?: string; systemClockOffset?: number } = {},
): CognitoIdentityProviderClient {
  const { accessKeyId, secretAccessKey } = key;
  return cognitoClient(place, randomAddress(), 1, {
    credentials: { accessKeyId, secretAccessKey },
    ...change,
  });
}

export const attributesOf = (list: AttributeType[] | undefined) =>
  Object.fromEntries(list!.map(({ Name, Value }) => [Name, Value]));

export class Operator {
  readonly cognito: CognitoIdentityProviderClient;
  readonly UserPoolId: string;

  constructor(world: World) {
    this.cognito = adminClient(world, firstKey(world));
    this.UserPoolId = world.config.userPoolId;
  }

  create(Username: string, attributes: Record<string, string> = {}) {
    const { UserPoolId } = this;
    const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
    return this.cognito.send(
      new AdminCreateUserCommand({ UserPoolId, Username, MessageAction: "SUPPRESS", UserAttributes }),
    );
  }

  get(Username: string) {
    return this.cognito.send(new AdminGetUserCommand({ UserPoolId: this.UserPoolId, Username }));
  }

  update(Username: string, Name: string, Value: string) {
    const { UserPoolId } = this;
    return this.cognito.send(
      new AdminUpdateUserAttributesCommand({ UserPoolId, Username, UserAttributes: [{ Name, Value }] }),
    );
  }

  list(input: Partial<ListUsersCommandInput>) {
    return this.cognito.send(new ListUsersCommand({ UserPoolId: this.UserPoolId, ...input }));
  }
}

// The status of the API's answer to that token, where only the gateway asks whether it has ended: /v1/me
// would also look for the user.
export async function statusOf(person: Person, access = person.tokens!.access): Promise<number> {
  const headers = { authorization: `Bearer ${access}`, "x-forwarded-for": person.address };
  return (await fetch(`${person.place.base}/v1/wallet`, { headers })).status;
}

export const diesWithinASecond = (person: Person, access = person.tokens!.access) =>
  until("the token to be refused", async () => (await statusOf(person, access)) === 401, 1_000);
