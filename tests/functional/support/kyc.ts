// An astrologer's identity check, and Digio as the sandbox plays it.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Schemas } from "@astrotalk/api-client";
import { ok } from "./expect.ts";
import type { Person } from "./person.ts";
import type { Place } from "./place.ts";
import { until } from "./program.ts";

// What production wants to know of Digio.
export const digioSettings = {
  ASTROTALK_DIGIO_CLIENT_ID: "a-client",
  ASTROTALK_DIGIO_CLIENT_SECRET: "hunter2hunter2",
};

export type Kyc = Schemas["Kyc"];
export type KycSession = Schemas["KycSession"];

// An approval ends the tokens that do not know of it: an app renews them and asks again.
export async function kycOf(who: Person): Promise<Kyc> {
  const answer = await who.api.GET("/v1/astrologer/kyc");
  if (answer.response.status === 401) {
    await who.refresh();
    return kycOf(who);
  }
  return ok(Promise.resolve(answer));
}

export async function consent(who: Person, language: "en" | "hi" = "en") {
  const path = { purpose: "kyc" as const };
  const { version, hash } = await ok(
    who.api.GET("/v1/consents/notices/{purpose}", { params: { path, query: { language } } }),
  );
  const body = { version, hash, language, accepted: true as const };
  return ok(who.api.POST("/v1/consents/{purpose}", { params: { path }, body }));
}

export async function withdraw(who: Person) {
  const answer = await who.api.DELETE("/v1/consents/{purpose}", { params: { path: { purpose: "kyc" } } });
  assert.equal(answer.response.status, 204);
}

export const start = (who: Person, key: string = randomUUID()) =>
  who.api.POST("/v1/astrologer/kyc/sessions", { params: { header: { "idempotency-key": key } } });

// Everything that comes before a session, and the session.
export async function begin(who: Person, legalName = "Asha Rao"): Promise<KycSession> {
  await ok(who.api.PUT("/v1/astrologer/legal-name", { body: { legalName } }));
  await consent(who);
  return ok(start(who));
}

export function kidOf(session: KycSession): string {
  const found = /(KID[0-9A-Z]{29})/.exec(session.gatewayUrl ?? "");
  assert.ok(found, `the session is ${session.state}, without an address of Digio's pages`);
  return found[1]!;
}

export class Digio {
  readonly place: Place;
  constructor(place: Place) {
    this.place = place;
  }

  async #ask(method: string, path: string, body?: unknown): Promise<any> {
    const response = await fetch(`${this.place.sandbox}/control/digio${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  // Before the request is made; a phone is known there by its last ten digits.
  person(who: Person, change: Record<string, unknown>) {
    return this.#ask("PUT", "/people", { identifier: who.phone.slice(3), ...change });
  }
  faults(...rules: Record<string, unknown>[]) {
    return this.#ask("PUT", "", { rules });
  }
  drive(kid: string, outcome: string) {
    return this.#ask("POST", `/requests/${kid}`, { outcome });
  }
  async requestOf(session: KycSession): Promise<any> {
    const { items } = await this.#ask("GET", "/requests");
    return items.find((each: any) => each.transactionId === session.id);
  }
  async creationsOf(session: KycSession): Promise<number> {
    const { items } = await this.#ask("GET", "/calls?call=create");
    return items.filter((each: any) => each.body.includes(session.id)).length;
  }
}

// The check, once it is so.
export const whenKyc = (who: Person, what: string, is: (now: Kyc) => boolean, withinMs = 20_000) =>
  until(
    what,
    async () => {
      const now = await kycOf(who);
      return is(now) ? now : undefined;
    },
    withinMs,
    150,
  );
