// An authenticator app (RFC 6238, as any phone has it), and a sign-in that passes by it.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import {
  AssociateSoftwareTokenCommand,
  type RespondToAuthChallengeCommandOutput,
  RespondToAuthChallengeCommand,
  VerifySoftwareTokenCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Person } from "./person.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function bytesOf(secret: string): Buffer {
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/[01]{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

export function totpAt(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", bytesOf(secret)).update(counter).digest();
  const taken = mac.readUInt32BE(mac.at(-1)! & 15) & 0x7fff_ffff;
  return String(taken % 1_000_000).padStart(6, "0");
}

// Knows which codes it has shown, because each is good once: two in half a minute, then the clock must move.
export class Authenticator {
  readonly secret: string;
  readonly #now: () => number;
  #shown = 0;

  constructor(secret: string, now: () => number = Date.now) {
    this.secret = secret;
    this.#now = now;
  }

  get step(): number {
    return Math.floor(this.#now() / 30_000);
  }

  code(): string {
    const next = Math.max(this.step, this.#shown + 1);
    assert.ok(next <= this.step + 1, "two codes were used in half a minute: advance the clock");
    return totpAt(this.secret, (this.#shown = next));
  }

  wrongCode(): string {
    const right = [-2, -1, 0, 1, 2].map((away) => totpAt(this.secret, this.step + away));
    for (let code = 0; ; ++code) {
      const text = String(code).padStart(6, "0");
      if (!right.includes(text)) return text;
    }
  }
}

export const authenticatorOf = (person: Person, secret: string) =>
  new Authenticator(secret, () => person.place.now?.() ?? Date.now());

export function answerTotp(person: Person, Session: string, code: string, ClientId = person.ClientId) {
  return person.cognito.send(
    new RespondToAuthChallengeCommand({
      ClientId,
      ChallengeName: "SOFTWARE_TOKEN_MFA",
      Session,
      ChallengeResponses: { USERNAME: person.phone, SOFTWARE_TOKEN_MFA_CODE: code },
    }),
  );
}

// The session is the challenge's.
export async function setUp(person: Person, Session: string) {
  const made = await person.cognito.send(new AssociateSoftwareTokenCommand({ Session }));
  person.authenticator = authenticatorOf(person, made.SecretCode!);
  const verified = await person.cognito.send(
    new VerifySoftwareTokenCommand({ Session: made.Session, UserCode: person.authenticator.code() }),
  );
  assert.equal(verified.Status, "SUCCESS");
  return person.cognito.send(
    new RespondToAuthChallengeCommand({
      ClientId: person.ClientId,
      ChallengeName: "MFA_SETUP",
      Session: verified.Session,
      ChallengeResponses: { USERNAME: person.phone },
    }),
  );
}

// What follows a right SMS code: nothing more, a code of the authenticator, or setting one up.
export async function passSecondFactor(person: Person, answered: RespondToAuthChallengeCommandOutput) {
  if (answered.ChallengeName === "MFA_SETUP") return setUp(person, answered.Session!);
  if (answered.ChallengeName !== "SOFTWARE_TOKEN_MFA") return answered;
  assert.ok(person.authenticator, "nobody knows the secret of this person's authenticator");
  return answerTotp(person, answered.Session!, person.authenticator.code());
}
