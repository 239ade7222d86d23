// One interleaved run of the product beside the plainest thing that does the same work, as a Markdown table.
//
// PostgreSQL runs as in production (fsync and synchronous commit on), the server with every limit on: each
// flow comes from an address of its own. Every number is the median of the rounds.
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";

import { Bench, stage } from "./bench.ts";
import { measureBookings, part } from "./bookings.ts";
import { describeMachine, firstThreadSeconds, residentMegabytes } from "./machine.ts";
import { Peer } from "./peer.ts";
import { Report, say } from "./report.ts";
import { type Size, measureScale, scaleGoals, sizes } from "./scale.ts";
import { measureManySignIns } from "./sign_ins.ts";
import {
  bookingFlows,
  busyAstrologer,
  hotSlotFlows,
  loginFlows,
  meFlows,
  readConfig,
  readFlows,
  refreshFlows,
  registerFlows,
  signUpFlows,
  slotFlows,
  webhookFlows,
} from "./flows.ts";

const usual = ["reads", "slots", "bookings", "logins", "tokens", "webhooks"];
const parts = [...usual, "signins", "scale"];
const usage = `bench/run [--seconds 5] [--rounds 3] [--users 4000] [--only PART]…
          [--people 10000] [--window 60] [--size SIZE]… [--seed 1]

PART is one of these; without --only, all but the last two:
  reads      one astrologer, authorised, beside pgbench
  slots      30 days of a full calendar, beside pgbench; closed loop, and open at half of its maximum
  bookings   holds and bookings, and everybody after one slot, beside pgbench
  logins     log in, refresh, and who is signed in, beside better-auth's phone-number plugin
  tokens     the check of an access token alone, in nanoseconds
  webhooks   the receipt of signed events, 1,000 a second
  signins    --people sign in over --window seconds, each from an address of their own, then as long is waited
             to see the server's memory: about four minutes, once, whatever --rounds says
  scale      random listings and 30 days of random astrologers' slots in generated data sets, each closed
             loop and open at half of its maximum, and how that grows with them; holds, bookings and one hot
             slot in the largest, beside pgbench in a copy of it. SIZE is full (1 M users, 50 k astrologers,
             2 M bookings), tenth or hundredth, without --size all three, made from --seed

What it does is said on standard error; the table is standard output.
`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: "string", default: "5" },
        rounds: { type: "string", default: "3" },
        users: { type: "string", default: "4000" },
        people: { type: "string", default: "10000" },
        window: { type: "string", default: "60" },
        size: { type: "string", multiple: true, default: Object.keys(sizes) },
        seed: { type: "string", default: "1" },
        only: { type: "string", multiple: true, default: usual },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) {
      process.stdout.write(usage);
      process.exit(0);
    }
    const { seconds, rounds, users, people, window, seed } = values;
    const numbers = [seconds, rounds, users, people, window, seed];
    const known =
      values.only.every((name) => parts.includes(name)) && values.size.every((name) => name in sizes);
    if (known && numbers.every((n) => Number(n) > 0)) return values;
  } catch {
    // what follows says it
  }
  process.stderr.write(usage);
  process.exit(2);
}
const options = readOptions();
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
const users = Number(options.users);
const asked = (...names: string[]) => names.some((name) => options.only.includes(name));

/** RS256 signs a second on one core, as `openssl speed` sees it: the floor under every login. */
function rsaSignMicros(): number {
  // Not by `run`: openssl tells standard error how it gets on.
  const text = execFileSync("openssl", ["speed", "-seconds", "2", "rsa2048"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const found = /rsa\s+2048 bits\s+([\d.]+)s/.exec(text);
  return Number(found?.[1]) * 1e6;
}

interface Flows {
  bookings: string[];
  slots: string[];
  reads: string[];
  hot: string[];
  bearers: string[];
  refreshTokens: string[];
}

/** Users who signed up through the product, and one astrologer whose next 30 days hold 500 bookings. */
async function prepare(bench: Bench): Promise<Flows> {
  const { address } = bench;
  const reference = asked("reads", "slots", "bookings") ? bench.makeReference() : undefined;
  const signedUp = await stage(`signing ${users} users up`, () => bench.prepare(signUpFlows(users)));
  const bearers = signedUp.map(({ access }) => access);
  const busy = await busyAstrologer(address, bearers[0]!);
  await stage("filling a calendar", async () => {
    const calendar = await bookingFlows(address, bearers, [busy], 20);
    const how = ["--once", "--seconds", "60", "--connections", "32", "--progress"];
    const { flows } = bench.load(calendar.slice(0, 500), bench.target, ...how);
    say(`  ${flows} bookings`);
  });
  if (reference) await stage("waiting for the reference's rows", () => reference);
  bench.analyze(bench.url);
  const bookings = await bookingFlows(address, bearers);
  return {
    bookings,
    slots: slotFlows(busy, bearers),
    reads: await readFlows(address, bearers),
    hot: hotSlotFlows(bookings, bearers),
    bearers,
    refreshTokens: signedUp.map(({ refresh }) => refresh),
  };
}

async function measureReads(bench: Bench, flows: Flows, report: Report): Promise<void> {
  report.add("read: pgbench prepared", await bench.pgbench("read_astrologer.sql", 16));
  const route = "GET /v1/astrologers/{id}";
  report.add("read one astrologer, authorised", await bench.flows(route, flows.reads, 64));
}

async function measureSlots(bench: Bench, flows: Flows, report: Report): Promise<void> {
  const route = "GET /v1/astrologers/{id}/slots";
  report.add("slots: pgbench, the rows alone", await bench.pgbench("read_slots.sql", 16));
  const most = report.add("slots, own maximum", await bench.flows(route, flows.slots, 16));
  const half = ["--rate", `${most.rate / 2}`];
  report.add("slots, open loop at half of it", await bench.flows(route, flows.slots, 64, half));
}

/** Ours and the peer's in turn. */
async function measureLogins(
  bench: Bench,
  flows: Flows,
  peer: Peer,
  report: Report,
  round: number,
): Promise<void> {
  const logins = loginFlows(flows.refreshTokens.length, round, rounds);
  report.add("log in", await bench.flows("cognito:RespondToAuthChallenge", logins, 16, ["--once"]));
  await peer.logIn(report);
  const refreshes = refreshFlows(part(flows.refreshTokens, round, rounds));
  report.add("refresh", await bench.flows("cognito:GetTokensFromRefreshToken", refreshes, 16, ["--once"]));
  await peer.refresh(report);
  report.add("who is signed in", await bench.flows("GET /v1/me", meFlows(flows.bearers), 16));
  await peer.read(report);
}

async function measureTokens(bench: Bench, report: Report): Promise<void> {
  const took = await stage("checking access tokens", () => bench.tokenChecks(rounds));
  const row = (nanoseconds: number) => ({
    rate: 1e9 / nanoseconds,
    p50: Number.NaN,
    p99: Number.NaN,
    serverCpu: nanoseconds / 1000,
    postgresCpu: Number.NaN,
    note: "",
  });
  for (const each of took.known) report.add("token check, 10,000 users, 1 % newcomers", row(each));
  for (const each of took.asServed) report.add("token check, 10,000 users, cache as served", row(each));
}

async function measureWebhooks(bench: Bench, report: Report): Promise<void> {
  for (let round = 0; round < rounds; ++round) {
    const events = webhookFlows(1000 * seconds, round);
    const how = ["--once", "--rate", "1000"];
    const background = () => firstThreadSeconds(bench.target.pid);
    const before = background();
    const all = await bench.flows("POST /webhooks/digio", events, 64, how);
    const afterwards = ((background() - before) * 1e6) / events.length;
    report.add("webhook received, 1,000/s, and worked on", all);
    const receipt = { ...all, serverCpu: all.serverCpu - afterwards, postgresCpu: Number.NaN };
    report.add("… its receipt alone", receipt);
  }
}

/** Rounds of what is compared, in turn, so that a slow minute of the machine meets both sides. */
async function measureRounds(bench: Bench, report: Report): Promise<void> {
  if (!asked("reads", "slots", "bookings", "logins")) return;
  const flows = await prepare(bench);
  const peer = new Peer(bench);
  const ours = { target: bench.target, url: bench.url, row: (name: string) => name, flows, users };
  try {
    if (asked("logins")) await peer.start(Math.ceil(flows.bearers.length / rounds));
    for (let round = 0; round < rounds; ++round) {
      if (asked("reads")) await measureReads(bench, flows, report);
      if (asked("slots")) await measureSlots(bench, flows, report);
      if (asked("bookings")) await measureBookings(bench, ours, report, round, rounds);
      if (asked("logins")) await measureLogins(bench, flows, peer, report, round);
    }
  } finally {
    peer.stop();
  }
}

async function measureSignIns(bench: Bench, report: Report): Promise<void> {
  const people = Number(options.people);
  // Whoever has signed up for the rounds is among them, and has had one or two of their three codes.
  const known = asked("reads", "slots", "bookings", "logins") ? users : 0;
  const newcomers = registerFlows(people).slice(known);
  if (newcomers.length > 0)
    await stage(`registering ${newcomers.length} people`, () => bench.prepare(newcomers));
  bench.analyze(bench.url);
  await measureManySignIns(bench, report, people, Number(options.window));
}

async function main(): Promise<void> {
  const bench = new Bench(seconds);
  try {
    await stage("starting PostgreSQL, the server and the sandbox", () => bench.start());
    const idle = residentMegabytes(bench.server.pid!).toFixed(1);
    await readConfig(bench.address);
    const report = new Report();
    await measureRounds(bench, report);
    if (asked("tokens")) await measureTokens(bench, report);
    if (asked("webhooks")) await measureWebhooks(bench, report);
    if (asked("signins")) await measureSignIns(bench, report);
    const size = options.size as Size[];
    const scale = { sizes: size, seed: Number(options.seed), rounds, users };
    if (asked("scale")) await measureScale(bench, report, scale);
    const how = `PostgreSQL 15, fsync on; ${rounds} rounds of ${seconds} s, medians`;
    console.log(`Machine: ${describeMachine()}. ${how}.\n`);
    const start = `Idle RSS ${idle} MB; ready ${bench.readyMs.toFixed(0)} ms after exec`;
    console.log(`${start}; one RS256 sign ${rsaSignMicros().toFixed(0)} µs.\n`);
    console.log(report.markdown());
    if (asked("scale")) console.log(`\n${scaleGoals(report, size)}`);
  } finally {
    await bench.stop();
  }
}

await main();
