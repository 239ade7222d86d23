// The main job of the product from end to end, as its people do it. The test runs it in a world of its own;
// `npm run journey` runs it against a running ./start and prints what happens.
import assert from "node:assert/strict";
import type { Schemas } from "@astrotalk/api-client";
import { alwaysOpen, book, cancel, hold, profile, rupees, slotsOf, wallet } from "./astrologer.ts";
import { ok, refused, rejected } from "./expect.ts";
import { begin, Digio, kidOf, whenKyc } from "./kyc.ts";
import { claimsOf, createAdmin, Person, userProfile } from "./person.ts";
import type { Place } from "./place.ts";
import { until } from "./program.ts";

export interface Stage {
  place: Place;
  step(title: string, act: () => Promise<void>): Promise<void>;
  say(line: string): void;
}

interface Cast {
  user: Person;
  rival: Person;
  astrologer: Person;
  admin: Person;
  slot: Schemas["Slot"];
  booking: Schemas["Booking"];
}

const bonus = 10_000;
const prices = { chat: 600, call: 1000 };

async function identity({ place, step, say }: Stage, cast: Cast) {
  const user = (cast.user = new Person(place));
  await step("A user signs up with a mobile number and an SMS code", async () => {
    const { Session, CodeDeliveryDetails } = await user.signUp("user");
    assert.equal(CodeDeliveryDetails?.DeliveryMedium, "SMS");
    say(`${user.phone}: a code was sent to ${CodeDeliveryDetails.Destination}`);
    const code = await user.code();
    await user.confirm(code, Session);
    say(`the code ${code} from the inbox confirms the number`);
  });
  await step("signs in with a second code", async () => {
    await user.signIn();
    assert.equal(user.claims["custom:user_type"], "user");
    const me = await ok(user.api.GET("/v1/me"));
    assert.equal(me.phone, user.phone);
    assert.equal(me.id, user.sub);
    say(`a token of a ${user.claims["custom:user_type"]} with the sub ${user.sub}`);
  });
  await step("refreshes, and the refresh token rotates", async () => {
    const before = user.tokens!;
    const after = await user.refresh();
    assert.notEqual(after.refresh, before.refresh);
    assert.equal(claimsOf(after.access).origin_jti, claimsOf(before.access).origin_jti);
    say("a new access token and a new refresh token, of the same sign-in");
  });
  await step("signs out everywhere, and every token is dead", async () => {
    await user.signOutEverywhere();
    await until(
      "the sign-out to bite",
      async () => {
        return (await user.api.GET("/v1/me")).response.status === 401;
      },
      1_000,
    );
    await rejected(user.useRefreshToken(), "NotAuthorizedException");
    await user.signIn();
    say("the old tokens are refused within a second; a new sign-in works");
  });
}

async function onboarding({ place, step, say }: Stage, cast: Cast) {
  const astrologer = (cast.astrologer = new Person(place));
  await step("An astrologer signs up and fills in a profile", async () => {
    await astrologer.join("astrologer");
    await ok(astrologer.api.PUT("/v1/astrologer/profile", { body: profile }));
    const submitted = await ok(astrologer.api.POST("/v1/astrologer/profile/submit"));
    assert.equal(submitted.status, "pending");
    say(`${submitted.displayName} of ${submitted.city} waits for approval`);
  });
  await step("An admin is made with astrotalk admin create, and sets up an authenticator", async () => {
    const admin = (cast.admin = await createAdmin(place));
    assert.ok(admin.claims["cognito:groups"].includes("admin"));
    assert.ok(admin.claims.amr.includes("mfa"));
    say(
      `${admin.phone} is in the group admin, and signed in with an SMS code and one of the authenticator`,
    );
  });
  await step("The astrologer consents and goes through Digio, which the sandbox plays", async () => {
    const session = await begin(astrologer, "Meera Joshi");
    assert.equal(session.state, "open");
    await new Digio(place).drive(kidOf(session), "approve");
    say(`attempt ${session.attempt} of 3, open until ${session.expiresAt}`);
  });
  await step("The check passes, and with it the profile; the next tokens carry it", async () => {
    await whenKyc(astrologer, "the check to pass", ({ status }) => status === "completed");
    const approved = await ok(astrologer.api.GET("/v1/astrologer/profile"));
    assert.equal(approved.status, "approved");
    await astrologer.refresh();
    assert.equal(astrologer.claims["custom:profile_status"], "approved");
    assert.ok(astrologer.claims["cognito:groups"].includes("astrologer"));
    say(
      `the token: ${astrologer.claims["custom:profile_status"]}, in ${astrologer.claims["cognito:groups"]}`,
    );
  });
  await step("The astrologer sets prices for chat and calls, and weekly hours", async () => {
    const priced = await ok(astrologer.api.PUT("/v1/astrologer/prices", { body: prices }));
    assert.deepEqual(priced.prices, prices);
    const hours = await ok(astrologer.api.PUT("/v1/astrologer/availability", { body: alwaysOpen }));
    assert.equal(hours.zone, "Asia/Kolkata");
    say(`${rupees(prices.chat)} a minute of chat, ${rupees(prices.call)} of a call`);
    say(`open every day in ${hours.zone}`);
  });
}

// Listings are cached for a moment, so the newly approved may take that long to appear.
async function findInListing(user: Person, id: string): Promise<Schemas["Astrologer"]> {
  return until(
    "the astrologer to be listed",
    async () => {
      let cursor: string | undefined;
      do {
        const query = { limit: 100, ...(cursor ? { cursor } : {}) };
        const page = await ok(user.api.GET("/v1/astrologers", { params: { query } }));
        const found = page.items.find((each) => each.id === id);
        if (found) return found;
        cursor = page.next;
      } while (cursor);
      return undefined;
    },
    15_000,
    250,
  );
}

async function booking({ step, say }: Stage, cast: Cast) {
  const { user, astrologer } = cast;
  await step("The user has a welcome bonus, in a real journal", async () => {
    const purse = await wallet(user);
    assert.deepEqual(purse, { cash: 0, bonus, held: 0, available: bonus });
    const { items } = await ok(user.api.GET("/v1/wallet/journals"));
    assert.deepEqual(
      items.map(({ kind, postings }) => ({ kind, postings })),
      [{ kind: "promotion.welcome", postings: [{ account: "bonus", amount: bonus }] }],
    );
    say(`${rupees(purse.available)} available`);
  });
  await step("lists astrologers and sees the free slots of one", async () => {
    const found = await findInListing(user, astrologer.sub);
    assert.deepEqual(found.prices, prices);
    const slots = await slotsOf(user, astrologer);
    assert.ok(slots.items.length > 50, `${slots.items.length} slots`);
    cast.slot = slots.items[110]!; // more than a day away: cancelling gives everything back
    say(
      `${found.displayName}: ${slots.items.length} free quarters of an hour, ${rupees(slots.price)} each`,
    );
  });
  await step("cannot hold one before saying who they are", async () => {
    const problem = await refused(
      hold(user, astrologer.sub, cast.slot.startsAt),
      409,
      "profile_incomplete",
    );
    assert.deepEqual(
      problem.errors!.map(({ pointer }) => pointer),
      ["/name", "/language", "/city", "/adult"],
    );
    assert.deepEqual((await user.completeProfile()).missing, []);
    const me = await ok(user.api.GET("/v1/me"));
    assert.equal(me.profile?.city, userProfile.city);
    say(`name, language, city, and 18 or older since ${me.profile?.adultDeclaredAt}`);
  });
  await step("holds a slot and books it, with the money set aside", async () => {
    const held = await ok(hold(user, astrologer.sub, cast.slot.startsAt));
    assert.deepEqual([held.channel, held.price], ["chat", prices.chat * 15]);
    cast.booking = await ok(book(user, held.id));
    assert.equal(cast.booking.state, "confirmed");
    assert.equal(cast.booking.channel, "chat");
    const purse = await wallet(user);
    assert.deepEqual(purse, {
      cash: 0,
      bonus: bonus - held.price,
      held: held.price,
      available: bonus - held.price,
    });
    say(`${cast.booking.startsAt} is booked; ${rupees(purse.held)} held, ${rupees(purse.available)} left`);
  });
  await step("Both see the booking", async () => {
    const mine = await ok(user.api.GET("/v1/bookings"));
    assert.deepEqual(
      mine.items.map(({ id }) => id),
      [cast.booking.id],
    );
    const theirs = await ok(astrologer.api.GET("/v1/astrologer/bookings"));
    assert.ok(theirs.items.some(({ id }) => id === cast.booking.id));
    say(`booking ${cast.booking.id}`);
  });
}

async function refusals({ place, step, say }: Stage, cast: Cast) {
  const { astrologer, slot } = cast;
  const rival = (cast.rival = await new Person(place).join());
  await step("A second user who wants an overlapping time gets the nearest alternatives", async () => {
    const problem = await refused(hold(rival, astrologer.sub, slot.startsAt, 30), 409, "slot_taken");
    assert.ok(problem.alternatives!.length > 0 && problem.alternatives!.length <= 5);
    say(`refused; instead: ${problem.alternatives!.map(({ startsAt }) => startsAt).join(", ")}`);
    cast.slot = problem.alternatives![0]!;
  });
  await step("and is told by how much they are short of money", async () => {
    const held = await ok(hold(rival, astrologer.sub, cast.slot.startsAt, 30));
    const problem = await refused(book(rival, held.id), 402, "insufficient_funds");
    assert.equal(problem.shortBy, held.price - bonus);
    assert.equal(problem.available, bonus);
    say(`${rupees(problem.price!)} is ${rupees(problem.shortBy!)} more than they have`);
    const given = await rival.api.DELETE("/v1/holds/{id}", { params: { path: { id: held.id } } });
    assert.equal(given.response.status, 204);
  });
}

async function cancellation({ step, say }: Stage, cast: Cast) {
  const { user, astrologer } = cast;
  await step("The user cancels and has the money back", async () => {
    const cancelled = await ok(cancel(user, cast.booking.id));
    assert.equal(cancelled.state, "cancelled");
    assert.equal(cancelled.refund, cast.booking.price);
    const purse = await wallet(user);
    assert.deepEqual(purse, { cash: 0, bonus, held: 0, available: bonus });
    const theirs = await ok(astrologer.api.GET("/v1/astrologer/bookings"));
    assert.equal(theirs.items.find(({ id }) => id === cast.booking.id)?.state, "cancelled");
    say(`${rupees(purse.available)} available again; the astrologer sees the cancellation`);
  });
}

export const expectedActions = [
  "user.sign_up",
  "wallet.welcome_bonus",
  "profile.change",
  "session.start",
  "session.end_all",
  "second_factor.set_up",
  "consent.give",
  "kyc.start",
  "astrologer.approve",
  "hold.create",
  "booking.create",
  "booking.cancel",
  "admin.read_users",
];

// What the audit trail says of one person's doings or of something done to them.
async function readTrail(admin: Person, until: (entries: Schemas["AuditEntry"][]) => boolean) {
  const entries: Schemas["AuditEntry"][] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 100, ...(cursor ? { cursor } : {}) };
    const page = await ok(admin.api.GET("/v1/admin/audit", { params: { query } }));
    entries.push(...page.items);
    cursor = page.next;
  } while (cursor && !until(entries) && entries.length < 2_000);
  return entries;
}

async function administration({ place, step, say }: Stage, cast: Cast) {
  const { admin, user, astrologer } = cast;
  await step("The admin sees users and bookings", async () => {
    const query = { reason: "daily check", limit: 100 };
    const users = await ok(admin.api.GET("/v1/admin/users", { params: { query } }));
    const seen = users.items.find(({ id }) => id === user.sub);
    assert.ok(seen, "the user is among the newest");
    assert.equal(seen.phone, `+91******${user.phone.slice(-4)}`);
    const bookings = await ok(admin.api.GET("/v1/admin/bookings", { params: { query } }));
    assert.ok(bookings.items.some(({ id }) => id === cast.booking.id));
    say(`${users.items.length} users, phones masked (${seen.phone}); ${bookings.items.length} bookings`);
  });
  await step("and the audit trail of all of this", async () => {
    const people = [user.sub, astrologer.sub, admin.sub];
    const ours = (entries: Schemas["AuditEntry"][]) =>
      entries.filter(
        ({ actorId, subjectId }) => people.includes(actorId ?? "") || people.includes(subjectId ?? ""),
      );
    const missing = (entries: Schemas["AuditEntry"][]) => {
      const actions = new Set(ours(entries).map(({ action }) => action));
      return expectedActions.filter((action) => !actions.has(action));
    };
    const trail = await readTrail(admin, (entries) => missing(entries).length === 0);
    assert.deepEqual(missing(trail), [], "every deed is in the trail");
    const approval = ours(trail).find(({ action }) => action === "astrologer.approve");
    assert.equal(approval?.reason, "the identity check has passed");
    for (const { at, actorRole, action, reason } of ours(trail).slice(0, 12)) {
      say(`${at}  ${actorRole}  ${action}${reason ? `  (${reason})` : ""}`);
    }
  });
  for (const log of ["audit", "ledger"]) {
    await step(`astrotalk ${log} verify proves it`, async () => {
      const verified = await place.command(log, "verify");
      assert.equal(verified.code, 0, verified.text);
      say(verified.text);
    });
  }
}

export async function journey(stage: Stage): Promise<void> {
  const cast = {} as Cast;
  await identity(stage, cast);
  await onboarding(stage, cast);
  await booking(stage, cast);
  await refusals(stage, cast);
  await cancellation(stage, cast);
  await administration(stage, cast);
}
