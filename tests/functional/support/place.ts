// Somewhere that an AstroTalk runs: a world of a test, or what ./start serves.
import { createApiClient, type ApiClient, type Schemas } from "@astrotalk/api-client";
import { checkedFetch } from "./contract.ts";
import { type Output, until } from "./program.ts";

export interface Place {
  base: string; // http://127.0.0.1:8080
  sandbox: string;
  config: Schemas["Config"];
  now?(): number; // of its clock, in milliseconds, where that can be moved
  // Runs an operator's command of the server's program, such as `audit verify`.
  command(...args: string[]): Promise<Output>;
}

export interface Message {
  to: string;
  text: string;
  at: string;
}

export async function readConfig(base: string): Promise<Schemas["Config"]> {
  const answer = await apiOf(base, randomAddress()).GET("/v1/config");
  if (!answer.data) throw new Error(`GET /v1/config answered ${answer.response.status}`);
  return answer.data;
}

export function apiOf(base: string, address: string, accessToken?: () => string | undefined): ApiClient {
  return createApiClient({
    baseUrl: base,
    headers: { "x-forwarded-for": address },
    fetch: checkedFetch,
    ...(accessToken ? { accessToken } : {}),
  });
}

// Loopback is a trusted proxy, so each person comes from an address of their own and per-address limits
// stay on for everyone.
export function randomAddress(): string {
  const part = () => 1 + Math.floor(Math.random() * 253);
  return `10.${part()}.${part()}.${part()}`;
}

// A valid Indian mobile number.
export function randomPhone(): string {
  return `+9198${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`;
}

export async function inbox(place: Place, phone: string): Promise<Message[]> {
  const response = await fetch(`${place.sandbox}/sms?to=${encodeURIComponent(phone)}`);
  if (!response.ok) throw new Error(`the inbox answered ${response.status}`);
  return (await response.json()) as Message[];
}

export interface Letter {
  to: string;
  from: string;
  subject: string;
  text: string;
}

export async function letters(place: Place, address: string): Promise<Letter[]> {
  const response = await fetch(`${place.sandbox}/email?to=${encodeURIComponent(address)}`);
  if (!response.ok) throw new Error(`the inbox answered ${response.status}`);
  return (await response.json()) as Letter[];
}

// A mailbox of nobody else.
export function randomMailbox(): string {
  return `asha.${Math.random().toString(36).slice(2, 12)}@example.in`;
}

const seen = new Map<string, number>();

async function nextOf(place: Place, to: string, read: () => Promise<{ text: string }[]>): Promise<string> {
  const key = `${place.sandbox} ${to}`;
  return until(`a code to ${to}`, async () => {
    const messages = await read();
    const code = new RegExp(`\\b\\d{${place.config.otpLength}}\\b`);
    const codes = messages.filter(({ text }) => code.test(text));
    if (codes.length <= (seen.get(key) ?? 0)) return undefined;
    seen.set(key, codes.length);
    return code.exec(codes[0]!.text)![0];
  });
}

// The code of the next message to that phone that nobody asked for before.
export const nextCode = (place: Place, phone: string) => nextOf(place, phone, () => inbox(place, phone));

// The same for an e-mail address.
export const nextEmailCode = (place: Place, address: string) =>
  nextOf(place, address, () => letters(place, address));
