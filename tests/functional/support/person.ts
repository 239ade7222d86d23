// Someone with a phone, who signs in with the stock AWS SDK and calls the API with what it gives.
import assert from "node:assert/strict";
import {
  type AuthenticationResultType,
  CognitoIdentityProviderClient,
  type CognitoIdentityProviderClientConfig,
  ConfirmSignUpCommand,
  GetTokensFromRefreshTokenCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
  SignUpCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import type { ApiClient, Schemas } from "@astrotalk/api-client";
import { ok } from "./expect.ts";
import { apiOf, nextCode, type Place, randomAddress, randomPhone } from "./place.ts";
import { type Authenticator, passSecondFactor } from "./second_factor.ts";

export type Claims = Record<string, any>;

export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString("utf8"));
}

export function cognitoClient(
  place: Place,
  address: string,
  attempts = 1,
  change: CognitoIdentityProviderClientConfig = {},
): CognitoIdentityProviderClient {
  const client = new CognitoIdentityProviderClient({
    endpoint: new URL(place.config.cognitoEndpoint, place.base).href,
    region: place.config.region,
    maxAttempts: attempts,
    ...change,
  });
  client.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers["x-forwarded-for"] = address;
      return next(args);
    },
    { step: "build", name: "ownAddress" },
  );
  return client;
}

// What every user of the tests tells of themselves.
export const userProfile: Schemas["UserProfileInput"] = {
  name: "Asha Rao",
  language: "en",
  city: "Pune",
  adult: true,
};

export interface Tokens {
  access: string;
  id: string;
  refresh: string;
}

export class Person {
  readonly place: Place;
  readonly phone: string;
  readonly address: string;
  readonly cognito: CognitoIdentityProviderClient;
  readonly api: ApiClient;
  tokens: Tokens | undefined;
  authenticator: Authenticator | undefined;
  sub = "";

  constructor(place: Place, phone = randomPhone(), address = randomAddress()) {
    this.place = place;
    this.phone = phone;
    this.address = address;
    this.cognito = cognitoClient(place, address);
    this.api = apiOf(place.base, address, () => this.tokens?.access);
  }

  get ClientId(): string {
    return this.place.config.clientId;
  }

  get claims(): Claims {
    return claimsOf(this.tokens!.access);
  }

  signUp(userType: "user" | "astrologer") {
    return this.cognito.send(
      new SignUpCommand({
        ClientId: this.ClientId,
        Username: this.phone,
        UserAttributes: [
          { Name: "phone_number", Value: this.phone },
          { Name: "custom:user_type", Value: userType },
        ],
      }),
    );
  }

  code(): Promise<string> {
    return nextCode(this.place, this.phone);
  }

  confirm(ConfirmationCode: string, Session?: string) {
    return this.cognito.send(
      new ConfirmSignUpCommand({
        ClientId: this.ClientId,
        Username: this.phone,
        ConfirmationCode,
        ...(Session ? { Session } : {}),
      }),
    );
  }

  askForCode() {
    return this.cognito.send(
      new InitiateAuthCommand({
        ClientId: this.ClientId,
        AuthFlow: "USER_AUTH",
        AuthParameters: { USERNAME: this.phone, PREFERRED_CHALLENGE: "SMS_OTP" },
      }),
    );
  }

  answer(Session: string, code: string) {
    return this.cognito.send(
      new RespondToAuthChallengeCommand({
        ClientId: this.ClientId,
        ChallengeName: "SMS_OTP",
        Session,
        ChallengeResponses: { USERNAME: this.phone, SMS_OTP_CODE: code },
      }),
    );
  }

  keep(result: AuthenticationResultType | undefined): Tokens {
    assert.ok(result?.AccessToken && result.IdToken, "tokens are expected");
    const refresh = result.RefreshToken ?? this.tokens?.refresh;
    assert.ok(refresh, "a refresh token is expected");
    this.tokens = { access: result.AccessToken, id: result.IdToken, refresh };
    this.sub = claimsOf(result.AccessToken).sub;
    return this.tokens;
  }

  completeProfile(change: Partial<Schemas["UserProfileInput"]> = {}) {
    return ok(this.api.PUT("/v1/me/profile", { body: { ...userProfile, ...change } }));
  }

  // From nobody to signed in, with one SMS: the session of the confirmation signs in without a second code. A
  // user can book then.
  async join(userType: "user" | "astrologer" = "user"): Promise<this> {
    await this.enter(userType);
    if (userType === "user") await this.completeProfile();
    return this;
  }

  // The same, and nothing told.
  async enter(userType: "user" | "astrologer" = "user"): Promise<this> {
    const { Session } = await this.signUp(userType);
    const confirmed = await this.confirm(await this.code(), Session);
    const signedIn = await this.cognito.send(
      new InitiateAuthCommand({
        ClientId: this.ClientId,
        AuthFlow: "USER_AUTH",
        AuthParameters: { USERNAME: this.phone },
        Session: confirmed.Session,
      }),
    );
    this.keep(signedIn.AuthenticationResult);
    return this;
  }

  async signIn(): Promise<this> {
    const challenge = await this.askForCode();
    assert.equal(challenge.ChallengeName, "SMS_OTP");
    const answered = await this.answer(challenge.Session!, await this.code());
    this.keep((await passSecondFactor(this, answered)).AuthenticationResult);
    return this;
  }

  useRefreshToken(RefreshToken = this.tokens!.refresh) {
    return this.cognito.send(
      new GetTokensFromRefreshTokenCommand({ ClientId: this.ClientId, RefreshToken }),
    );
  }

  async refresh(): Promise<Tokens> {
    return this.keep((await this.useRefreshToken()).AuthenticationResult);
  }

  revoke(Token = this.tokens!.refresh) {
    return this.cognito.send(new RevokeTokenCommand({ ClientId: this.ClientId, Token }));
  }

  signOutEverywhere(AccessToken = this.tokens!.access) {
    return this.cognito.send(new GlobalSignOutCommand({ AccessToken }));
  }
}

// A member of staff, made as an operator makes one, who has set up an authenticator.
export async function createAdmin(
  place: Place,
  phone = randomPhone(),
  role: "admin" | "support" = "admin",
): Promise<Person> {
  const who = ["--phone", phone, "--name", "Asha Rao", "--role", role];
  const made = await place.command("admin", "create", ...who);
  assert.equal(made.code, 0, made.text);
  return new Person(place, phone).signIn();
}
