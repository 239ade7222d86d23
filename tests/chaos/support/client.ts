// A client as a good app is one: it asks again under the same key until it has an answer, and remembers what
// it was told.
import { randomUUID } from "node:crypto";
import { AssertionError } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { book, cancel, hold, reschedule } from "../../functional/support/astrologer.ts";
import type { Person } from "../../functional/support/person.ts";
import { pick, type Random } from "./random.ts";

export interface Told {
  person: Person;
  booking: string;
  startsAt: string;
  moves: number;
  cancelled: boolean;
}

export interface Load {
  stopped: boolean;
  random: Random;
  astrologers: { person: Person; starts: string[] }[];
  told: Told[];
  abandoned: { astrologer: string; startsAt: string }[];
  surprises: string[];
  logOf: (requestId: string) => string; // what the server wrote about it
  operations: number; // answered ones
  unanswered: number;
}

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

const mostUnanswered = 600; // with 100 ms between them: a minute
const mostMoves = 2;

// The answer, however often it takes. Only silence and 503 are asked again; any other 5xx is a fault of the
// server.
async function insist<T>(load: Load, ask: () => Promise<Answered<T>>): Promise<Answered<T>> {
  let last = "";
  for (let tries = 0; tries < mostUnanswered; ++tries) {
    try {
      const answer = await ask();
      if (answer.response.status < 500) {
        ++load.operations;
        return answer;
      }
      const id = answer.response.headers.get("x-request-id");
      const { pathname } = new URL(answer.response.url);
      last = `${answer.response.status} ${pathname}\n${load.logOf(id ?? "none")}`;
      if (answer.response.status !== 503) load.surprises.push(last);
    } catch (error) {
      if (error instanceof AssertionError) throw error; // the contract is broken
      last = String((error as Error).cause ?? error);
    }
    ++load.unanswered;
    await sleep(100);
  }
  throw new Error(`no answer for a minute: ${last}`);
}

const codeOf = (answer: Answered<unknown>) => (answer.error as { code?: string } | undefined)?.code ?? "";
const lostRaces = new Set([
  "slot_taken",
  "slot_not_offered",
  "user_busy",
  "hold_expired",
  "hold_not_found",
]);
const expected = new Set([...lostRaces, "insufficient_funds", "idempotency_in_flight"]);

function note(load: Load, what: string, answer: Answered<unknown>) {
  if (!expected.has(codeOf(answer))) {
    load.surprises.push(`${what}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  }
}

async function tryToBook(
  load: Load,
  person: Person,
  astrologer: string,
  startsAt: string,
): Promise<Told | undefined> {
  const holdKey = randomUUID();
  const held = await insist(load, () => hold(person, astrologer, startsAt, 15, holdKey));
  if (!held.data) return void note(load, "hold", held);
  const id = held.data.id;
  if (load.random() < 0.2) return void load.abandoned.push({ astrologer, startsAt });
  const bookKey = randomUUID();
  const booked = await insist(load, () => book(person, id, bookKey));
  if (!booked.data) return void note(load, "book", booked);
  const told = { person, booking: booked.data.id, startsAt, moves: 0, cancelled: false };
  load.told.push(told);
  return told;
}

// Another time with the same astrologer.
async function move(load: Load, told: Told, startsAt: string): Promise<void> {
  const key = randomUUID();
  const answer = await insist(load, () => reschedule(told.person, told.booking, startsAt, key));
  if (!answer.data) return void note(load, "reschedule", answer);
  told.startsAt = startsAt;
  ++told.moves;
}

async function giveUp(load: Load, told: Told): Promise<void> {
  const key = randomUUID();
  const answer = await insist(load, () => cancel(told.person, told.booking, "The train is late", key));
  if (answer.data) told.cancelled = true;
  else load.surprises.push(`cancel: ${answer.response.status} ${JSON.stringify(answer.error)}`);
}

// Holds, books, moves and cancels until the load is stopped. A person never asks for one time twice, so that
// each message they get can be told from every other.
export async function live(load: Load, person: Person): Promise<void> {
  const asked = new Set<string>();
  const mine: { told: Told; starts: string[] }[] = [];
  while (!load.stopped) {
    await sleep(20 + load.random() * 60);
    const { person: astrologer, starts } = pick(load.random, load.astrologers);
    const moving = load.random() < 0.2 ? mine.find(({ told }) => told.moves < mostMoves) : undefined;
    const startsAt = pick(load.random, moving?.starts ?? starts);
    if (asked.has(startsAt)) continue;
    asked.add(startsAt);
    if (moving) {
      await move(load, moving.told, startsAt);
      continue;
    }
    const told = await tryToBook(load, person, astrologer.sub, startsAt);
    if (told) mine.push({ told, starts });
    if (mine.length > 3 || (told && load.random() < 0.3)) await giveUp(load, mine.shift()!.told);
  }
}
