// Astrologers that are ready to be booked.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Schemas } from "@astrotalk/api-client";
import { ok } from "./expect.ts";
import { Person } from "./person.ts";
import type { Place } from "./place.ts";

export const profile: Schemas["ProfileInput"] = {
  displayName: "Meera Joshi",
  bio: "Jyotish acharya from Ujjain, with twelve years of practice.",
  languages: ["hi", "en"],
  specializations: ["vedic", "matchmaking"],
  experienceYears: 12,
  city: "Ujjain",
};

// Open around the clock, so that tests find slots at whatever hour they run.
export const alwaysOpen: Schemas["Availability"] = {
  zone: "Asia/Kolkata",
  weekly: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: "00:00", end: "24:00" })),
  bufferBefore: 0,
  bufferAfter: 0,
  noticeMinutes: 0,
  windowDays: 30,
};

// Staff have seen the papers of that astrologer, and judge the profile where that is left to them. An
// approval ends the tokens that do not know of it.
export async function approve(astrologer: Person, admin: Person): Promise<void> {
  const decision = {
    params: { path: { id: astrologer.sub } },
    body: { reason: "Interview and references are in order" },
  };
  const accepted = await admin.api.POST("/v1/admin/astrologers/{id}/papers", decision);
  assert.equal(accepted.response.status, 204, JSON.stringify(accepted.error));
  await astrologer.refresh();
  const { status } = await ok(astrologer.api.GET("/v1/astrologer/profile"));
  if (status !== "pending") return;
  await ok(admin.api.POST("/v1/admin/astrologers/{id}/approve", decision));
  await astrologer.refresh();
}

// A listed astrologer: signed up, approved by that admin, priced and available, with tokens that say so. A
// minute of chat costs that many paise, of a call twice as much; video is off.
export async function listedAstrologer(
  place: Place,
  admin: Person,
  chat = 600,
  hours: Partial<Schemas["Availability"]> = {},
): Promise<Person> {
  const astrologer = await new Person(place).join("astrologer");
  await ok(astrologer.api.PUT("/v1/astrologer/profile", { body: profile }));
  await ok(astrologer.api.POST("/v1/astrologer/profile/submit"));
  await approve(astrologer, admin);
  await ok(astrologer.api.PUT("/v1/astrologer/prices", { body: { chat, call: 2 * chat } }));
  await ok(astrologer.api.PUT("/v1/astrologer/availability", { body: { ...alwaysOpen, ...hours } }));
  return astrologer;
}

type Minutes = 15 | 30 | 45 | 60;
type Channel = Schemas["Channel"];

export function slotsOf(
  user: Person,
  astrologer: Person,
  minutes: Minutes = 15,
  from?: string,
  channel: Channel = "chat",
) {
  const query = { minutes, channel, days: 2, ...(from ? { from } : {}) };
  return ok(
    user.api.GET("/v1/astrologers/{id}/slots", { params: { path: { id: astrologer.sub }, query } }),
  );
}

export const intent = (key: string = randomUUID()) => ({ header: { "idempotency-key": key } });

export function hold(
  user: Person,
  astrologerId: string,
  startsAt: string,
  minutes: Minutes = 15,
  key?: string,
  channel: Channel = "chat",
) {
  const body = { astrologerId, startsAt, minutes, channel };
  return user.api.POST("/v1/holds", { params: intent(key), body });
}

export function book(user: Person, holdId: string, key?: string) {
  return user.api.POST("/v1/bookings", { params: intent(key), body: { holdId } });
}

export function cancel(who: Person, id: string, reason = "The train is late", key?: string) {
  return who.api.POST("/v1/bookings/{id}/cancel", {
    params: { path: { id }, ...intent(key) },
    body: { reason },
  });
}

export function reschedule(who: Person, id: string, startsAt: string, key?: string) {
  return who.api.POST("/v1/bookings/{id}/reschedule", {
    params: { path: { id }, ...intent(key) },
    body: { startsAt },
  });
}

export function wallet(who: Person) {
  return ok(who.api.GET("/v1/wallet"));
}

export const rupees = (paise: number) => `₹${(paise / 100).toFixed(2)}`;
