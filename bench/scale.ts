// Listings, slots and bookings in generated data sets of three sizes, to show what grows with them.
import { pick, seeded } from "../tests/chaos/support/random.ts";
import { type Bench, stage } from "./bench.ts";
import { measureBookings } from "./bookings.ts";
import {
  bookingFlows,
  hotSlotFlows,
  listingFlows,
  listingParameters,
  randomSlotFlows,
  readConfig,
  registerAstrologerFlows,
  signUpFlows,
} from "./flows.ts";
import { Place } from "./place.ts";
import { type Report, type Sample, say, table } from "./report.ts";

/** The smallest first. */
export const sizes = {
  hundredth: { users: 10_000, astrologers: 500, bookings: 20_000 },
  tenth: { users: 100_000, astrologers: 5_000, bookings: 200_000 },
  full: { users: 1_000_000, astrologers: 50_000, bookings: 2_000_000 },
};
export type Size = keyof typeof sizes;

export interface Scale {
  sizes: Size[];
  seed: number;
  rounds: number;
  users: number;
}

/**
 * What is asked of every size: a route, the statements of which one runs for each answer that is not found in
 * memory, and the most that the 99th percentile may be, in ms.
 */
const questions = [
  {
    name: "listing",
    route: "GET /v1/astrologers",
    statements: ["directory.read_items"],
    most: 10,
  },
  { name: "slots", route: "GET /v1/astrologers/{id}/slots", statements: ["booking.read_calendar"], most: 5 },
] as const;
type Question = (typeof questions)[number];
const mostGrowth = 1.5;

/** A data set, and what is asked of it. */
interface DataSet {
  size: Size;
  place: Place;
  bearers: string[];
  asked: Record<Question["name"], string[]>;
}

async function generate(bench: Bench, size: Size, seed: number): Promise<Place> {
  const place = new Place(bench, `scale_${size}`);
  const scripts = ["scale/people.sql", "scale/bookings.sql"];
  const { users, astrologers, bookings } = sizes[size];
  await stage(`generating ${users} users, ${astrologers} astrologers and ${bookings} bookings`, () =>
    bench.script(place.name, scripts, { ...sizes[size], seed }),
  );
  say(bench.command(place.url, "ledger", "verify").trim());
  return place;
}

const listed = "select id from astrologer where status = 'approved' and chat_price is not null order by id";
/** Those who have signed up are listed with the profiles and hours of others. */
const listNewcomers = `
  with newcomer as (
      select id, row_number() over (order by id) as n from pool_user u
      where user_type = 'astrologer' and not exists (select from astrologer a where a.id = u.id)
  ), other as (
      select *, row_number() over (order by id) as n from astrologer where chat_price is not null
  )
  insert into astrologer (id, display_name, bio, languages, specializations, experience_years, city, status,
                          chat_price, call_price, video_price, zone, weekly, buffer_before, buffer_after,
                          notice_minutes)
  select newcomer.id, display_name, bio, languages, specializations, experience_years, city, status,
         chat_price, call_price, video_price, zone, weekly, buffer_before, buffer_after, notice_minutes
  from newcomer join other using (n)
  returning id`;
const newcomers = 300;

/** A duty of the server looks at all of them once; nothing is measured meanwhile. */
async function freeTimesKnown(bench: Bench, place: Place): Promise<void> {
  const unknown = `select count(*) from listing
                   where listed and next_free_due < app_now() - interval '1 minute'`;
  while (bench.rows(place.url, unknown)[0] !== "0") await new Promise((wake) => setTimeout(wake, 500));
}

async function prepare(bench: Bench, size: Size, place: Place, how: Scale): Promise<DataSet> {
  const bearers = await place.during(async () => {
    await readConfig(place.address);
    const signedUp = await stage(`signing ${how.users} users up at ${size}`, () =>
      bench.prepare(signUpFlows(how.users), place.target),
    );
    await stage("waiting until everybody's next free time is known", () => freeTimesKnown(bench, place));
    return signedUp.map(({ access }) => access);
  });
  bench.analyze(place.url);
  const random = seeded(how.seed);
  const values = new Map<string, string[]>();
  for (const [name, sql] of listingParameters) values.set(name, bench.rows(place.url, `${sql} order by 1`));
  const ids = bench.rows(place.url, listed);
  const asked = {
    listing: listingFlows(20_000, values, random),
    slots: randomSlotFlows(
      Array.from({ length: 20_000 }, () => pick(random, ids)),
      bearers,
    ),
  };
  return { size, place, bearers, asked };
}

/** The share of a question's answers for which no statement was run while `work` did its. */
async function withHitRate(place: Place, { route, statements }: Question, work: () => Promise<Sample>) {
  const counts = (all: Map<string, number>) => {
    const sum = (prefix: string) =>
      [...all].filter(([name]) => name.startsWith(prefix)).reduce((total, [, n]) => total + n, 0);
    const executed = statements.map((name) =>
      sum(`astrotalk_statement_duration_seconds_count{statement="${name}"}`),
    );
    return { answers: sum(`astrotalk_http_responses_total{route="${route}"`), read: executed };
  };
  const before = counts(await place.counters());
  const sample = await work();
  const after = counts(await place.counters());
  if (!after.read.some((n) => n > 0))
    throw new Error(`${route} ran none of ${statements.join(", ")}: how does it read now?`);
  const total = (read: number[]) => read.reduce((sum, n) => sum + n, 0);
  const misses = (total(after.read) - total(before.read)) / (after.answers - before.answers);
  const hits = `cache hits ${((1 - misses) * 100).toFixed(1)} %`;
  return { ...sample, note: [hits, sample.note].filter(Boolean).join(", ") };
}

const row = (question: Question, size: Size) => `${question.name}, ${size}: open loop at half of it`;

async function ask(bench: Bench, question: Question, { size, place, asked }: DataSet, report: Report) {
  const lines = asked[question.name];
  const measured = (connections: number, more: string[] = []) =>
    withHitRate(place, question, () => bench.flows(question.route, lines, connections, more, place.target));
  const most = report.add(`${question.name}, ${size}: own maximum`, await measured(16));
  report.add(row(question, size), await measured(64, ["--rate", `${most.rate / 2}`]));
}

/**
 * The largest set's bookings, beside the reference's in a copy of it: of astrologers who can be told of them,
 * as nobody can whom the generator made.
 */
async function prepareBookings(bench: Bench, { size, place, bearers }: DataSet, users: number) {
  const bookings = await place.during(async () => {
    await readConfig(place.address);
    const signedUp = registerAstrologerFlows(bearers.length, newcomers);
    await stage(`signing ${newcomers} astrologers up`, () => bench.prepare(signedUp, place.target));
    const ids = bench.rows(place.url, listNewcomers);
    return stage("finding their free time", () => bookingFlows(place.address, bearers, ids));
  });
  bench.analyze(place.url);
  const flows = { bookings, hot: hotSlotFlows(bookings, bearers) };
  const named = (name: string) => `${name}, ${size}`;
  return () => ({ target: place.target, url: place.url, row: named, flows, users });
}

export async function measureScale(bench: Bench, report: Report, how: Scale): Promise<void> {
  await bench.stopServer();
  const wanted = (Object.keys(sizes) as Size[]).filter((size) => how.sizes.includes(size));
  const places = new Map<Size, Place>();
  for (const size of wanted) places.set(size, await generate(bench, size, how.seed));
  const last = wanted.at(-1)!;
  await stage("the reference's rows, in a copy of the largest", () =>
    bench.makeReference("scale_reference", places.get(last)!.name),
  );
  const sets: DataSet[] = [];
  for (const [size, place] of places) sets.push(await prepare(bench, size, place, how));
  const largest = sets.at(-1)!;
  const booked = await prepareBookings(bench, largest, how.users);
  for (let round = 0; round < how.rounds; ++round)
    for (const set of sets)
      await set.place.during(async () => {
        for (const question of questions) await ask(bench, question, set, report);
        if (set === largest) await measureBookings(bench, booked(), report, round, how.rounds);
      });
}

const verdict = (value: number, reached: boolean, unit = "") => [
  `${value.toFixed(2)}${unit}`,
  reached ? "reached" : "not reached",
];

function readingGoals(report: Report, measured: Size[]): string[][] {
  return questions.flatMap((question) => {
    const slowest = measured.map((size) => report.middle(row(question, size))!.p99 / 1000);
    const growth = slowest.at(-1)! / slowest[0]!;
    const each = measured.map((size, n) => [
      `${question.name}, ${size}: p99 < ${question.most} ms`,
      ...verdict(slowest[n]!, slowest[n]! < question.most, " ms"),
    ]);
    if (measured.length < 2) return each;
    const ends = `${measured.at(-1)} to ${measured[0]}`;
    return [
      ...each,
      [`${question.name}: p99 of ${ends} ≤ ${mostGrowth}`, ...verdict(growth, growth <= mostGrowth, " ×")],
    ];
  });
}

function bookingGoals(report: Report, size: Size): string[][] {
  const of = (name: string) => report.middle(`${name}, ${size}`)!;
  const [hold, both, hot] = [of("hold"), of("hold + book"), of("hot slot")];
  const reference = { hold: of("hold: pgbench"), both: of("hold + book: pgbench") };
  // A booking is made of a hold: its own cost is what both cost less that.
  const goals = (name: string, server: number, postgres: number) => [
    [
      `${name}: server CPU ≤ 40 µs, work after the answer left out`,
      ...verdict(server, server <= 40, " µs"),
    ],
    [`${name}: PostgreSQL CPU ≤ 1.3 × the reference`, ...verdict(postgres, postgres <= 1.3, " ×")],
  ];
  const answered = (sample: { serverCpu: number; background: number }) =>
    sample.serverCpu - sample.background;
  const attempts = hot.rate / of("hot slot: pgbench").rate;
  const booked = both.postgresCpu - hold.postgresCpu;
  const bookedThere = reference.both.postgresCpu - reference.hold.postgresCpu;
  return [
    ...goals("hold", answered(hold), hold.postgresCpu / reference.hold.postgresCpu),
    ...goals("book", answered(both) - answered(hold), booked / bookedThere),
    ["hot slot: attempts ≥ 0.5 of the reference's", ...verdict(attempts, attempts >= 0.5, " ×")],
  ];
}

/** What the medians say about what is to be reached. */
export function scaleGoals(report: Report, asked: Size[]): string {
  const measured = (Object.keys(sizes) as Size[]).filter((size) => asked.includes(size));
  const rows = [...readingGoals(report, measured), ...bookingGoals(report, measured.at(-1)!)];
  return table(["goal", "measured", ""], rows);
}
