// The flows that bench_load runs, as lines of its format (flow.hpp): tab-separated METHOD, PATH, BEARER, BODY
// per request.

import { createHmac } from "node:crypto";

import { pick, type Random } from "../tests/chaos/support/random.ts";

const minutes = 60_000;
export const webhookSecret = "a secret of the bench";
/** In paise. */
export const welcomeBonus = 100_000;
export const request = (method: string, path: string, bearer = "-", body: unknown = "-") =>
  [method, path, bearer, typeof body === "string" ? body : JSON.stringify(body)].join("\t");
export const flow = (...requests: string[]) => requests.join("\t");
const clientId = { value: "" };

/** A number for each n, spread over the prefixes that codes are counted by, as people's are. */
export const phone = (n: number) => `+9199${String((n * 7_654_321) % 100_000_000).padStart(8, "0")}`;
export const inbox = (number: string) => request("@sandbox=GET", `/sms?to=${encodeURIComponent(number)}`);

const startSignIn = (number: string) =>
  request("POST", "cognito:InitiateAuth", "-", {
    ClientId: clientId.value,
    AuthFlow: "USER_AUTH",
    AuthParameters: { USERNAME: number, PREFERRED_CHALLENGE: "SMS_OTP" },
  });
const answer = (number: string) =>
  request("POST", "cognito:RespondToAuthChallenge", "-", {
    ClientId: clientId.value,
    ChallengeName: "SMS_OTP",
    Session: "$session",
    ChallengeResponses: { USERNAME: number, SMS_OTP_CODE: "$code" },
  });

let asked = 0;

// Each from an address of its own, as the load is, because the limits stay on.
async function get<T>(url: string, bearer?: string): Promise<T> {
  const from = `172.16.${(++asked >> 8) & 255}.${asked & 255}`;
  const headers = { "x-forwarded-for": from, ...(bearer && { authorization: `Bearer ${bearer}` }) };
  const answer = await fetch(url, { headers });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

export async function readConfig(address: string): Promise<void> {
  clientId.value = (await get<{ clientId: string }>(`${address}/v1/config`)).clientId;
}

/** Sign-up and confirmation. The outbox worker fills the inbox that the code is read from. */
function confirmed(n: number, kind: "user" | "astrologer" = "user"): string {
  const common = { ClientId: clientId.value, Username: phone(n) };
  return flow(
    inbox(phone(n)),
    request("POST", "cognito:SignUp", "-", {
      ...common,
      UserAttributes: [
        { Name: "phone_number", Value: phone(n) },
        { Name: "custom:user_type", Value: kind },
      ],
    }),
    inbox(phone(n)),
    request("POST", "cognito:ConfirmSignUp", "-", {
      ...common,
      Session: "$session",
      ConfirmationCode: "$code",
    }),
  );
}

/** People who have an account and were never signed in. */
export const registerFlows = (users: number) => Array.from({ length: users }, (_, n) => confirmed(n));

/** Astrologers with an account and nothing else: their phones can be told what is booked. */
export const registerAstrologerFlows = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => confirmed(first + n, "astrologer"));

/** Sign-up, confirmation, tokens, profile. */
export function signUpFlows(users: number): string[] {
  return Array.from({ length: users }, (_, n) =>
    flow(
      confirmed(n),
      request("POST", "cognito:InitiateAuth", "-", {
        ClientId: clientId.value,
        AuthFlow: "USER_AUTH",
        AuthParameters: { USERNAME: phone(n) },
        Session: "$session",
      }),
      request("PUT", "/v1/me/profile", "$access", {
        name: `Bench ${n}`,
        language: "en",
        city: "Pune",
        adult: true,
      }),
    ),
  );
}

/** A sign-in of a known user. A phone gets three codes in a quarter of an hour: each round takes others. */
export function loginFlows(users: number, round: number, rounds: number): string[] {
  const share = Math.floor(users / rounds);
  return Array.from({ length: share }, (_, n) => {
    const number = phone(round * share + n);
    return flow(inbox(number), startSignIn(number), inbox(number), answer(number));
  });
}

/** Who is signed in: the check of a token, and the user's row. */
export const meFlows = (bearers: string[]) => bearers.map((bearer) => request("GET", "/v1/me", bearer));

export function refreshFlows(refreshTokens: string[]): string[] {
  return refreshTokens.map((token) =>
    request("POST", "cognito:GetTokensFromRefreshToken", "-", {
      ClientId: clientId.value,
      RefreshToken: token,
    }),
  );
}

/** Events as Digio sends them, each once, signed. */
export function webhookFlows(count: number, round: number): string[] {
  return Array.from({ length: count }, (_, n) => {
    const serial = `${round}-${n}`;
    const body = JSON.stringify({
      id: `WHN${serial}`,
      event: "kyc.request.completed",
      entities: ["kyc_request"],
      payload: {
        kyc_request: {
          id: `KID${serial}`,
          status: "approval_pending",
          customer_identifier: phone(n),
          reference_id: serial,
          workflow_name: "DIGILOCKER_AADHAAR_PAN",
          actions: ["digilocker", "selfie", "two_way_video"].map((type, i) => ({
            id: `KIA${serial}-${i}`,
            type,
            status: "success",
            execution_request_id: `EXE${serial}-${i}`,
            completed_at: "2026-11-23 14:30:00",
            rules_data: { approval_rule: [], strict_validation_types: [] },
          })),
        },
      },
      created_at: "2026-11-23 14:30:00",
    });
    const checksum = createHmac("sha256", webhookSecret).update(body).digest("hex");
    return request("POST", "/webhooks/digio", `checksum=${checksum}`, body);
  });
}

interface Listed {
  items: { id: string }[];
  next?: string;
}

async function astrologers(address: string): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ""; ; ) {
    const page: Listed = await get<Listed>(`${address}/v1/astrologers?limit=100${cursor}`);
    ids.push(...page.items.map((item) => item.id));
    if (!page.next) return ids;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
}

export async function readFlows(address: string, bearers: string[]): Promise<string[]> {
  const ids = await astrologers(address);
  return Array.from({ length: 10_000 }, (_, n) =>
    request("GET", `/v1/astrologers/${ids[n % ids.length]}`, bearers[(n * 7) % bearers.length]),
  );
}

/** Those that the welcome bonus of a bench user can pay. */
async function freeSlots(
  address: string,
  bearer: string,
  astrologer: string,
): Promise<{ startsAt: string }[]> {
  const path = `${address}/v1/astrologers/${astrologer}/slots?days=30&minutes=15&channel=chat`;
  const page = await get<{ price: number; items: { startsAt: string }[] }>(path, bearer);
  return page.price <= welcomeBonus ? page.items : [];
}

/** The astrologer with the longest hours. */
export async function busyAstrologer(address: string, bearer: string): Promise<string> {
  let best = { id: "", slots: 0 };
  for (const id of await astrologers(address)) {
    const slots = (await freeSlots(address, bearer, id)).length;
    if (slots > best.slots) best = { id, slots };
  }
  return best.id;
}

/** Only the holds of those flows. */
export const holdFlows = (bookings: string[]) =>
  bookings.map((line) => line.split("\t").slice(0, 4).join("\t"));

/** Everyone wants the same quarter of an hour; after every 500 attempts, another one. */
export function hotSlotFlows(bookings: string[], bearers: string[]): string[] {
  const lines = holdFlows(bookings).slice(-120);
  return Array.from({ length: 60_000 }, (_, n) => {
    const fields = lines[Math.floor(n / 500)]!.split("\t");
    fields[2] = bearers[n % bearers.length]!;
    return fields.join("\t");
  });
}

/**
 * Free quarters of an hour of every astrologer, or `of` those, each for another user, no user twice at one
 * time. `apart` minutes from start to start leave room for the buffers, the longest unless told.
 */
export async function bookingFlows(
  address: string,
  bearers: string[],
  of?: string[],
  apart = 45,
): Promise<string[]> {
  const starts: { at: string; id: string }[] = [];
  for (const id of of ?? (await astrologers(address))) {
    let free = 0;
    for (const slot of await freeSlots(address, bearers[0]!, id)) {
      if (Date.parse(slot.startsAt) < free) continue;
      starts.push({ at: slot.startsAt, id });
      free = Date.parse(slot.startsAt) + apart * minutes;
    }
  }
  starts.sort((a, b) => a.at.localeCompare(b.at));
  return starts.map(({ at, id }, n) => {
    const bearer = bearers[n % bearers.length];
    return flow(
      request("POST", "/v1/holds", bearer, {
        astrologerId: id,
        startsAt: at,
        minutes: 15,
        channel: "chat",
      }),
      request("POST", "/v1/bookings", bearer, { holdId: "$id" }),
    );
  });
}

/** One request for each of these astrologers, by another user in turn. */
export const randomSlotFlows = (ids: string[], bearers: string[]) =>
  ids.flatMap((id, n) => slotFlows(id, [bearers[n % bearers.length]!]));

/**
 * What a listing may be asked for and, as SQL, the values of it that a data set has. One more parameter is
 * one more line.
 */
export const listingParameters: readonly (readonly [name: string, values: string])[] = [
  ["specialization", "select distinct unnest(specializations) from astrologer"],
  ["language", "select distinct unnest(languages) from astrologer"],
  ["channel", "values ('chat'), ('call'), ('video')"],
  ["minPrice", "select distinct chat_price from astrologer where chat_price < 1500"],
  ["maxPrice", "select distinct chat_price from astrologer where chat_price >= 1500"],
  ["city", "select distinct city from astrologer"],
  ["gender", "values ('female'), ('male'), ('female,other')"],
  ["minRating", "values ('3'), ('4'), ('4.5')"],
  ["minExperience", "values ('2'), ('5'), ('10'), ('20')"],
  ["online", "values ('true'), ('false')"],
  [
    "freeBefore",
    `select to_char((app_now() + n * interval '3 hours') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
     from generate_series(1, 16) n`,
  ],
  // Names and skills as they are written, half of them, and with a letter left out.
  [
    "q",
    `select typed from (select word from search_word union select word from skill_word) as w,
     unnest(array[word, left(word, 4), left(word, 2) || substr(word, 4)]) as typed
     where length(typed) >= 3`,
  ],
  ["sort", "values ('recommended'), ('rating'), ('experience'), ('soonest'), ('price'), ('priceDesc')"],
];

/** Every combination is as likely as any other: each parameter is there or not, with any of its values. */
export function listingFlows(
  count: number,
  values: ReadonlyMap<string, string[]>,
  random: Random,
): string[] {
  for (const [name, of] of values) if (of.length === 0) throw new Error(`no value for ${name}`);
  return Array.from({ length: count }, () => {
    const asked = new URLSearchParams();
    for (const [name, of] of values) if (random() < 0.5) asked.set(name, pick(random, of));
    return request("GET", `/v1/astrologers?${asked}`);
  });
}

export function slotFlows(astrologer: string, bearers: string[]): string[] {
  return bearers.map((bearer) =>
    request("GET", `/v1/astrologers/${astrologer}/slots?days=30&minutes=30&channel=chat`, bearer),
  );
}
