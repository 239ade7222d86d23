// All clients race for one slot after another, over HTTP; PostgreSQL says afterwards whether any was sold
// twice.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { pick, type Random, seeded } from "../tests/chaos/support/random.ts";
import { Bench, type Step, stage } from "./bench.ts";
import { flow, loginFlows, readConfig, registerAstrologerFlows, request, signUpFlows } from "./flows.ts";
import { Place } from "./place.ts";
import { say } from "./report.ts";

const usage = `bench/race [--attempts 10000000] [--clients 64] [--users 256] [--per-slot 500] [--seed 1]
           [--unguarded]

So many attempts to hold and book, --per-slot of them at each slot, by --clients connections and --users users
in turn. A slot is a quarter of an hour; who tries asks for any time of up to an hour with that quarter in it.
Ends with 1 when two active occupancies overlap, a slot was sold twice, a booking that somebody was told of is
not there or one is that nobody was told of, the ledger does not hold, or PostgreSQL met a deadlock.

--unguarded drops the constraint that decides, and must end with 1: then what is looked for is found.

What it does is said on standard error; the result is standard output. 10 M attempts take about an hour.
`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        attempts: { type: "string", default: "10000000" },
        clients: { type: "string", default: "64" },
        users: { type: "string", default: "256" },
        "per-slot": { type: "string", default: "500" },
        seed: { type: "string", default: "1" },
        unguarded: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) {
      process.stdout.write(usage);
      process.exit(0);
    }
    const { attempts, clients, users, seed } = values;
    const numbers = [attempts, clients, users, values["per-slot"], seed].map(Number);
    if (numbers.every((n) => Number.isSafeInteger(n) && n > 0)) {
      const [all, connections, people, perSlot, first] = numbers as [
        number,
        number,
        number,
        number,
        number,
      ];
      const { unguarded } = values;
      return { attempts: all, clients: connections, users: people, perSlot, seed: first, unguarded };
    }
  } catch {
    // what follows says it
  }
  process.stderr.write(usage);
  process.exit(2);
}
const options = readOptions();
const slots = Math.ceil(options.attempts / options.perSlot);

const hour = 3_600_000;
/** Sold on Saturdays and at night too: so many hours of an astrologer, the first in three days. */
const hoursEach = 24 * 80;
const firstHour = (Math.floor(Date.now() / hour) + 72) * hour;
/** Start within the hour, and length, in minutes: each has the third quarter of the hour in it. */
const choices = [
  [0, 45],
  [0, 60],
  [15, 30],
  [15, 45],
  [30, 15],
  [30, 30],
] as const;

/** Round the clock, without buffers: what two may not share is only what they asked for. */
const listAstrologers = `
  insert into astrologer (id, display_name, bio, languages, specializations, experience_years, city, status,
                          chat_price, weekly, buffer_before, buffer_after, notice_minutes, window_days)
  select id, 'Raced for', 'Always there.', '{en}', '{vedic}', 1, 'Pune', 'approved',
         100, '{0,10080}', 0, 0, 0, 90
  from pool_user where user_type = 'astrologer'
  returning id`;

/** So much that nobody is refused for want of it. */
const giveMoney = (paise: number) => `
  with given as (
      update wallet set bonus = bonus + ${paise}
      where owner_id in (select id from pool_user where user_type = 'user')
      returning owner_id, gen_random_uuid() as journal
  ), entry as (
      insert into journal (id, kind, reference_id) select journal, 'promotion.race', owner_id from given
  )
  insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
  select journal, 1, '00000000-0000-0000-0000-000000000000', 'promotions', owner_id, 'bonus', ${paise}
  from given`;

const overlapping = (who: string, what: string) => `
  select count(*)
  from (select lower(${what}) < max(upper(${what})) over (partition by ${who} order by lower(${what}), id
                                 rows between unbounded preceding and 1 preceding) as clashes
        from occupancy where status = 'active' and ${who} is not null) as o
  where clashes`;
const soldTwice = `
  select count(*)
  from (select from booking where state = 'confirmed'
        group by astrologer_id, date_trunc('hour', starts_at) having count(*) > 1) as slot`;
const sold = `
  select count(*) from (select distinct astrologer_id, date_trunc('hour', starts_at)
                        from booking where state = 'confirmed') as slot`;

function attemptsAt(slot: number, astrologers: string[], random: Random): string[] {
  const astrologerId = astrologers[Math.floor(slot / hoursEach)]!;
  const begins = firstHour + (slot % hoursEach) * hour;
  return Array.from({ length: options.perSlot }, () => {
    const [after, minutes] = pick(random, [...choices]);
    const startsAt = new Date(begins + after * 60_000).toISOString();
    return flow(
      request("POST", "/v1/holds", "$bearer", { astrologerId, startsAt, minutes, channel: "chat" }),
      request("POST", "/v1/bookings", "$bearer", { holdId: "$id" }),
    );
  });
}

/** What was answered so far, by step and status. */
class Answers {
  readonly #counts = new Map<string, number>();
  attempts = 0;
  seconds = 0;

  add(steps: Record<string, Step>, seconds: number): void {
    this.seconds += seconds;
    this.attempts += steps["POST /v1/holds"]?.count ?? 0;
    for (const [name, { statuses }] of Object.entries(steps))
      for (const [status, n] of Object.entries(statuses)) {
        const key = `${name} ${status}`;
        this.#counts.set(key, (this.#counts.get(key) ?? 0) + n);
      }
  }
  get told(): number {
    return this.#counts.get("POST /v1/bookings 201") ?? 0;
  }
  get rate(): string {
    return `${this.attempts} attempts, ${(this.attempts / this.seconds).toFixed(0)} a second`;
  }
  /** A hold that its user has replaced by another meanwhile cannot be booked any more: 404, 409 or 410. */
  get unexpected(): string[] {
    const usual = /^POST \/v1\/(holds (201|409)|bookings (201|404|409|410))$/;
    return [...this.#counts].filter(([key]) => !usual.test(key)).map(([key, n]) => `${key} × ${n}`);
  }
  get text(): string {
    return [...this.#counts].map(([key, n]) => `${key} × ${n}`).join(", ");
  }
}

async function signIn(bench: Bench, place: Place, flows: string[]): Promise<string> {
  const signedIn = await stage(`signing ${flows.length} users in`, () =>
    bench.prepare(flows, place.target),
  );
  const file = join(bench.folder, "bearers");
  writeFileSync(file, signedIn.map(({ access }) => `${access}\n`).join(""));
  return file;
}

async function race(bench: Bench, place: Place): Promise<Answers> {
  await readConfig(place.address);
  const bearers = await signIn(bench, place, signUpFlows(options.users));
  let signedInAt = Date.now();
  bench.rows(place.url, giveMoney(slots * 6000));
  const needed = Math.ceil(slots / hoursEach);
  bench.prepare(registerAstrologerFlows(options.users, needed), place.target);
  const astrologers = bench.rows(place.url, listAstrologers);
  if (options.unguarded)
    bench.rows(place.url, "alter table occupancy drop constraint occupancy_astrologer_overlap");
  bench.analyze(place.url);
  const random = seeded(options.seed);
  const answers = new Answers();
  const atOnce = Math.max(1, Math.floor(50_000 / options.perSlot));
  for (let from = 0; from < slots; from += atOnce) {
    // Access tokens last an hour.
    if (Date.now() - signedInAt > hour / 2) {
      await signIn(bench, place, loginFlows(options.users, 0, 1));
      signedInAt = Date.now();
    }
    const some = Array.from({ length: Math.min(atOnce, slots - from) }, (_, n) => from + n);
    const lines = some.flatMap((slot) => attemptsAt(slot, astrologers, random));
    const how = [
      "--once",
      "--connections",
      `${options.clients}`,
      "--seconds",
      "3600",
      "--bearers",
      bearers,
    ];
    const { steps, seconds } = bench.load(lines, place.target, ...how);
    answers.add(steps, seconds);
    say(`  ${answers.rate}`);
  }
  return answers;
}

/** What is wrong; nothing when all is well. */
function faults(bench: Bench, place: Place, answers: Answers): string[] {
  const count = (sql: string) => Number(bench.rows(place.url, sql)[0]);
  const found: string[] = answers.unexpected.map((each) => `answered otherwise than expected: ${each}`);
  const expect = (what: string, value: number, right = 0) => {
    if (value !== right) found.push(`${what}: ${value}, not ${right}`);
  };
  expect("overlaps of an astrologer's time", count(overlapping("astrologer_id", "blocked")));
  expect("overlaps of a user's time", count(overlapping("user_id", "span")));
  expect("slots that were sold more than once", count(soldTwice));
  expect("bookings", count("select count(*) from booking where state = 'confirmed'"), answers.told);
  expect("attempts", answers.attempts, slots * options.perSlot);
  expect("deadlocks", count("select deadlocks from pg_stat_database where datname = current_database()"));
  if (count(sold) === 0) found.push("nothing was sold: nothing is proven");
  try {
    bench.command(place.url, "ledger", "verify");
  } catch {
    found.push("the ledger does not hold");
  }
  return found;
}

async function main(): Promise<number> {
  const bench = new Bench(0);
  try {
    await stage("starting PostgreSQL and the sandbox", () => bench.startSurroundings());
    const place = new Place(bench, "race");
    const answers = await place.during(() => race(bench, place));
    const wrong = faults(bench, place, answers);
    console.log(`${answers.rate}; ${bench.rows(place.url, sold)[0]} of ${slots} slots sold`);
    console.log(answers.text);
    console.log(
      wrong.length ? wrong.join("\n") : "No two overlap, none was sold twice, everyone told yes has it.",
    );
    return wrong.length ? 1 : 0;
  } finally {
    await bench.stop();
  }
}

process.exitCode = await main();
