// The second factor through older stock clients, and the bodies of those that we do not install.
import assert from "node:assert/strict";
import { test } from "node:test";
import { InitiateAuthCommand } from "@aws-sdk/client-cognito-identity-provider";
import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  type CognitoUserSession,
  type IAuthenticationCallback,
  type ICognitoStorage,
} from "amazon-cognito-identity-js";
import { claimsOf, Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { authenticatorOf } from "./support/second_factor.ts";
import { wire } from "./support/wire.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();

test("the bodies that Amplify sends are understood", async () => {
  const person = await new Person(world()).join();
  const AccessToken = person.tokens!.access;
  const made = await wire(world(), "AssociateSoftwareToken", { AccessToken });
  const authenticator = authenticatorOf(person, made.json.SecretCode);
  const UserCode = authenticator.code();
  const verified = await wire(world(), "VerifySoftwareToken", { AccessToken, UserCode });
  assert.deepEqual(verified.json, { Status: "SUCCESS" });
  const preferred = await wire(world(), "SetUserMFAPreference", {
    AccessToken,
    SMSMfaSettings: { Enabled: false, PreferredMfa: false },
    SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true },
  });
  assert.deepEqual(preferred.json, {});
  const { Session } = await person.askForCode();
  const asked = await person.answer(Session!, await person.code());
  const answered = await wire(world(), "RespondToAuthChallenge", {
    ChallengeName: "SOFTWARE_TOKEN_MFA",
    ChallengeResponses: { USERNAME: person.phone, SOFTWARE_TOKEN_MFA_CODE: authenticator.code() },
    Session: asked.Session,
    ClientMetadata: { source: "test" },
    ClientId: person.ClientId,
    UserContextData: { EncodedData: "e30=" },
  });
  assert.equal(answered.response.status, 200, JSON.stringify(answered.json));
  assert.deepEqual(claimsOf(answered.json.AuthenticationResult.AccessToken).amr, ["sms", "otp", "mfa"]);
});

class Storage implements ICognitoStorage {
  readonly #items = new Map<string, string>();
  setItem = (key: string, value: string) => void this.#items.set(key, value);
  getItem = (key: string) => this.#items.get(key) ?? null;
  removeItem = (key: string) => void this.#items.delete(key);
  clear = () => this.#items.clear();
}

test("amazon-cognito-identity-js sets one up and signs in with it after CUSTOM_CHALLENGE", async () => {
  const options = ["--no-rotation", "--flows", "CUSTOM_AUTH,REFRESH_TOKEN_AUTH"];
  const added = await world().command("client", "add", "--name", "old", ...options);
  const ClientId = /^client id: (\w+)$/m.exec(added.text)![1]!;
  const person = new Person(world());
  await world().command("admin", "create", "--phone", person.phone, "--name", "Asha Rao");
  const pool = new CognitoUserPool({
    UserPoolId: world().config.userPoolId,
    ClientId,
    endpoint: new URL(world().config.cognitoEndpoint, world().base).href,
    Storage: new Storage(),
  });
  const follow = (): Promise<CognitoUser> => {
    const user = new CognitoUser({ Username: person.phone, Pool: pool, Storage: new Storage() });
    user.setAuthenticationFlowType("CUSTOM_AUTH");
    return new Promise((resolve, reject) => {
      user.initiateAuth(new AuthenticationDetails({ Username: person.phone }), {
        onSuccess: () => reject(new Error("signed in without a code")),
        onFailure: reject,
        customChallenge: () => resolve(user),
      });
    });
  };
  // Resolves with the name of the callback that came.
  const answer = async (user: CognitoUser) => {
    const code = await person.code();
    return new Promise<string>((resolve, reject) => {
      const callbacks: IAuthenticationCallback = {
        onSuccess: () => resolve("onSuccess"),
        onFailure: reject,
        mfaSetup: () => resolve("mfaSetup"),
        totpRequired: () => resolve("totpRequired"),
      };
      user.sendCustomChallengeAnswer(code, callbacks);
    });
  };
  const known = () => follow().catch(() => undefined);
  const first = await until("the server to know the client", known, 3_000);
  assert.equal(await answer(first), "mfaSetup");
  const secret = await new Promise<string>((associateSecretCode, onFailure) =>
    first.associateSoftwareToken({ associateSecretCode, onFailure }),
  );
  const authenticator = authenticatorOf(person, secret);
  const session = await new Promise<CognitoUserSession>((resolve, onFailure) => {
    const onSuccess = (made: CognitoUserSession) => resolve(made);
    first.verifySoftwareToken(authenticator.code(), "Old phone", { onSuccess, onFailure });
  });
  assert.deepEqual(session.getAccessToken().payload.amr, ["sms", "otp", "mfa"]);

  const second = await follow();
  assert.equal(await answer(second), "totpRequired");
  const again = await new Promise<CognitoUserSession>((onSuccess, onFailure) =>
    second.sendMFACode(authenticator.code(), { onSuccess, onFailure }, "SOFTWARE_TOKEN_MFA"),
  );
  const { AuthenticationResult } = await person.cognito.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: "REFRESH_TOKEN_AUTH",
      AuthParameters: { REFRESH_TOKEN: again.getRefreshToken().getToken() },
    }),
  );
  assert.deepEqual(claimsOf(AuthenticationResult!.AccessToken!).amr, ["sms", "otp", "mfa"]);
});
