// App clients of every kind, each with the stock client that it is for.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import {
  ConfirmSignUpCommand,
  GetTokensFromRefreshTokenCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
  SignUpCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  type CognitoUserSession,
  type ICognitoStorage,
} from "amazon-cognito-identity-js";
import { rejected } from "./support/expect.ts";
import { claimsOf, Person } from "./support/person.ts";
import { inbox, randomPhone } from "./support/place.ts";
import { until } from "./support/program.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();

const other = (code: string) => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, "0");
const hash = (secret: string, username: string, clientId: string) =>
  createHmac("sha256", secret)
    .update(username + clientId)
    .digest("base64");

interface Client {
  ClientId: string;
  secret: string;
}

// Made as an operator makes one, and known to the running server.
async function addClient(...options: string[]): Promise<Client> {
  const made = await world().command("client", "add", "--name", "of a test", ...options);
  assert.equal(made.code, 0, made.text);
  const ClientId = /^client id: (\w+)$/m.exec(made.text)![1]!;
  await followed(ClientId, true);
  return { ClientId, secret: /^client secret: (\w+)$/m.exec(made.text)?.[1] ?? "" };
}

// Until the server knows the client, or has forgotten it.
const followed = (ClientId: string, known: boolean) =>
  until(
    "the server to follow",
    async () => {
      const asked = new RevokeTokenCommand({ ClientId, Token: "x.y" });
      const name = await new Person(world()).cognito.send(asked).catch((error) => (error as Error).name);
      return (name !== "ResourceNotFoundException") === known;
    },
    2_000,
  );

const startSignIn = (person: Person, ClientId: string, extra: Record<string, string> = {}) =>
  person.cognito.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: "USER_AUTH",
      AuthParameters: { USERNAME: person.phone, PREFERRED_CHALLENGE: "SMS_OTP", ...extra },
    }),
  );

// Signs in through that client and keeps the tokens.
async function enter(person: Person, { ClientId, secret }: Client) {
  const proof: Record<string, string> = secret ? { SECRET_HASH: hash(secret, person.phone, ClientId) } : {};
  const { Session } = await startSignIn(person, ClientId, proof);
  const answered = await person.cognito.send(
    new RespondToAuthChallengeCommand({
      ClientId,
      ChallengeName: "SMS_OTP",
      Session,
      ChallengeResponses: { USERNAME: person.phone, SMS_OTP_CODE: await person.code(), ...proof },
    }),
  );
  return person.keep(answered.AuthenticationResult);
}

const me = (person: Person, access = person.tokens!.access) =>
  fetch(`${person.place.base}/v1/me`, {
    headers: { authorization: `Bearer ${access}`, "x-forwarded-for": person.address },
  }).then(({ status }) => status);

test("a confidential client signs people up and in with SECRET_HASH, and not without", async () => {
  const { ClientId, secret } = await addClient("--confidential", "--access-minutes", "10");
  const person = new Person(world());
  const Username = person.phone;
  const SecretHash = hash(secret, Username, ClientId);
  const guess = { SecretHash: hash("guess", Username, ClientId) };
  for (const [wrong, message] of [
    [{}, `Client ${ClientId} is configured with secret but SECRET_HASH was not received`],
    [guess, `Unable to verify secret hash for client ${ClientId}`],
  ] as const) {
    const refused = [
      new SignUpCommand({ ClientId, Username, ...wrong }),
      new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode: "123456", ...wrong }),
      new ResendConfirmationCodeCommand({ ClientId, Username, ...wrong }),
    ].map((command) => rejected(person.cognito.send(command as SignUpCommand), "NotAuthorizedException"));
    for (const error of await Promise.all(refused)) assert.equal(error.message, message);
  }
  assert.equal((await inbox(world(), person.phone)).length, 0);

  const { Session } = await person.cognito.send(new SignUpCommand({ ClientId, Username, SecretHash }));
  const ConfirmationCode = await person.code();
  await person.cognito.send(
    new ConfirmSignUpCommand({ ClientId, Username, SecretHash, ConfirmationCode, Session }),
  );
  await rejected(startSignIn(person, ClientId), "NotAuthorizedException");
  const { access, refresh } = await enter(person, { ClientId, secret });
  const claims = claimsOf(access);
  assert.equal(claims.client_id, ClientId);
  assert.equal(claims.exp - claims.iat, 600);
  assert.equal(await me(person), 200);

  const renew = (ClientSecret?: string) =>
    person.cognito.send(
      new GetTokensFromRefreshTokenCommand({
        ClientId,
        RefreshToken: refresh,
        ...(ClientSecret ? { ClientSecret } : {}),
      }),
    );
  await rejected(renew(), "NotAuthorizedException");
  await rejected(renew("guess"), "NotAuthorizedException");
  const renewed = (await renew(secret)).AuthenticationResult!;
  assert.ok(renewed.RefreshToken && renewed.RefreshToken !== refresh);
  const revoke = { ClientId, Token: renewed.RefreshToken };
  await rejected(person.cognito.send(new RevokeTokenCommand(revoke)), "UnauthorizedException");
  await person.cognito.send(new RevokeTokenCommand({ ...revoke, ClientSecret: secret }));
  await until("the sign-in to end", async () => (await me(person)) === 401, 1_000);
});

test("a secret is rotated with an overlap, or at once", async () => {
  const { ClientId, secret } = await addClient("--confidential");
  const person = new Person(world());
  const accepted = (value: string) => {
    const Username = randomPhone();
    const SecretHash = hash(value, Username, ClientId);
    return person.cognito.send(new ResendConfirmationCodeCommand({ ClientId, Username, SecretHash })).then(
      () => true,
      () => false,
    );
  };
  const rotate = async (...options: string[]) => {
    const done = await world().command("client", "rotate-secret", ClientId, ...options);
    assert.equal(done.code, 0, done.text);
    const next = /^client secret: (\w+)$/m.exec(done.text)![1]!;
    await until("the new secret to be known", () => accepted(next), 2_000);
    return next;
  };
  assert.ok(await accepted(secret));
  const second = await rotate();
  assert.ok(await accepted(secret));
  const third = await rotate("--now");
  assert.equal(await accepted(second), false);
  assert.ok(await accepted(third));
  const unknown = await world().command("client", "rotate-secret", "nobody");
  assert.equal(unknown.code, 1);
  assert.match(unknown.text, /client list/);
});

test("a client without rotation refreshes by REFRESH_TOKEN_AUTH and keeps its token", async () => {
  const client = await addClient("--no-rotation");
  const person = await new Person(world()).join();
  const { refresh } = await enter(person, client);
  const renew = (ClientId: string) =>
    person.cognito.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: "REFRESH_TOKEN_AUTH",
        AuthParameters: { REFRESH_TOKEN: refresh },
      }),
    );
  for (const { AuthenticationResult } of await Promise.all([1, 2, 3].map(() => renew(client.ClientId)))) {
    assert.equal(AuthenticationResult!.RefreshToken, undefined);
    assert.equal(await me(person, AuthenticationResult!.AccessToken), 200);
  }
  const got = await person.cognito.send(
    new GetTokensFromRefreshTokenCommand({ ClientId: client.ClientId, RefreshToken: refresh }),
  );
  assert.equal(got.AuthenticationResult!.RefreshToken, undefined);
  const refused = await rejected(renew(person.ClientId), "InvalidParameterException");
  assert.match(refused.message, /^REFRESH_TOKEN_AUTH flow not enabled for this client/);
});

// The old client, driven as apps drive it: callbacks and a storage.
class Storage implements ICognitoStorage {
  readonly #items = new Map<string, string>();
  setItem = (key: string, value: string) => void this.#items.set(key, value);
  getItem = (key: string) => this.#items.get(key) ?? null;
  removeItem = (key: string) => void this.#items.delete(key);
  clear = () => this.#items.clear();
}

test("amazon-cognito-identity-js signs in by CUSTOM_AUTH, refreshes and signs out", async () => {
  const { ClientId } = await addClient("--no-rotation", "--flows", "CUSTOM_AUTH,REFRESH_TOKEN_AUTH");
  const person = await new Person(world()).join();
  const storage = new Storage();
  const pool = new CognitoUserPool({
    UserPoolId: world().config.userPoolId,
    ClientId,
    endpoint: new URL(world().config.cognitoEndpoint, world().base).href,
    Storage: storage,
  });
  const user = new CognitoUser({ Username: person.phone, Pool: pool, Storage: storage });
  user.setAuthenticationFlowType("CUSTOM_AUTH");
  const challenged = await new Promise<Record<string, string>>((resolve, reject) => {
    user.initiateAuth(new AuthenticationDetails({ Username: person.phone }), {
      onSuccess: () => reject(new Error("signed in without a code")),
      onFailure: reject,
      customChallenge: resolve,
    });
  });
  assert.match(challenged.CODE_DELIVERY_DESTINATION!, /\*.*\d{4}$/);
  const answer = (code: string) =>
    new Promise<CognitoUserSession>((resolve, reject) => {
      user.sendCustomChallengeAnswer(code, {
        onSuccess: resolve,
        onFailure: reject,
        customChallenge: () => reject(new Error("challenged again")),
      });
    });
  const code = await person.code();
  await rejected(answer(other(code)), "CodeMismatchException"); // and the session stays usable
  const session = await answer(code);
  assert.equal(session.getAccessToken().payload.client_id, ClientId);
  assert.equal(session.getIdToken().payload.phone_number, person.phone);

  const refreshed = await new Promise<CognitoUserSession>((resolve, reject) => {
    user.refreshSession(session.getRefreshToken(), (error, got) => (error ? reject(error) : resolve(got)));
  });
  assert.equal(refreshed.getRefreshToken().getToken(), session.getRefreshToken().getToken());
  assert.equal(await me(person, refreshed.getAccessToken().getJwtToken()), 200);
  await new Promise<void>((resolve, reject) => {
    user.globalSignOut({ onSuccess: () => resolve(), onFailure: reject });
  });
  const gone = async () => (await me(person, refreshed.getAccessToken().getJwtToken())) === 401;
  await until("the sign-out to bite", gone, 1_000);
});

test("plain access tokens say nothing more; those of a client without the API do not open it", async () => {
  const client = await addClient("--plain-access", "--no-api");
  const person = await new Person(world()).join();
  const { access } = await enter(person, client);
  assert.deepEqual(
    Object.keys(claimsOf(access)).filter((name) => name.includes(":")),
    [],
  );
  assert.equal(await me(person), 401);
});

test("a removed client is unknown within a second, and what was signed in through it has ended", async () => {
  const client = await addClient();
  const person = await new Person(world()).join();
  const { access: elsewhere } = person.tokens!;
  const { access } = await enter(person, client);
  assert.equal(await me(person, access), 200);
  const removed = await world().command("client", "remove", client.ClientId);
  assert.match(removed.text, /1 sign-ins ended/);
  await until("the token to be refused", async () => (await me(person, access)) === 401, 1_000);
  await followed(client.ClientId, false);
  await rejected(startSignIn(person, client.ClientId), "ResourceNotFoundException");
  assert.equal(await me(person, elsewhere), 200);
  const causes = await world().query("select distinct cause from revocation where cause like 'client%'");
  assert.match(causes, /client_removed/);
});

test("the commands explain what they refuse, and list what there is", async () => {
  const { clientId } = world().config;
  const refusals: [string[], number, RegExp][] = [
    [
      ["add", "--name", "x", "--write", "custom:kyc_status"],
      2,
      /writable attribute.*not custom:kyc_status/,
    ],
    [["add", "--name", "x", "--write", "custom:profile_status"], 2, /not custom:profile_status/],
    [["add", "--name", "x", "--flows", "REFRESH_TOKEN_AUTH"], 2, /needs --no-rotation/],
    [["add", "--name", "x", "--flows", "USER_PASSWORD_AUTH"], 2, /not USER_PASSWORD_AUTH/],
    [["add", "--name", "x", "--grace", "61"], 2, /--grace/],
    [["add"], 2, /--name/],
    [["remove", clientId], 1, /our own apps/],
    [["remove", "nobody"], 1, /client list/],
    [["rotate-secret", clientId], 1, /confidential/],
  ];
  for (const [args, code, text] of refusals) {
    const refused = await world().command("client", ...args);
    assert.equal(refused.code, code, `${args.join(" ")}: ${refused.text}`);
    assert.match(refused.text, text);
  }
  const help = await world().command("client", "add", "--help");
  assert.equal(help.code, 0);
  for (const option of ["--confidential", "--no-rotation", "--grace", "--flows", "--read", "--write"])
    assert.match(help.text, new RegExp(option));
  const list = await world().command("client", "list");
  assert.match(list.text, new RegExp(`^${clientId}  apps  \\(the apps of this installation\\)$`, "m"));
  const audited = await world().query(
    `select count(*) from (select action from audit_log union all select action from audit_pending) a
     where action like 'app_client.%'`,
  );
  assert.ok(Number(audited) > 0);
});
