// One interleaved run of the product beside the plainest thing that does the same work, as a Markdown table.
//
//   bench/run [--seconds 5] [--rounds 3] [--users 4000] [--only reads|slots|bookings|signins]…
//
// PostgreSQL runs as in production (fsync and synchronous commit on), the server with every limit on: each
// flow comes from an address of its own. Every number is the median of the rounds.
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { cpuSeconds, describeMachine, residentMegabytes } from "./machine.ts";
import { Report, type Sample, say } from "./report.ts";
import {
  bookingFlows,
  busyAstrologer,
  holdFlows,
  hotSlotFlows,
  loginFlows,
  readConfig,
  readFlows,
  refreshFlows,
  signUpFlows,
  slotFlows,
  welcomeBonus,
} from "./flows.ts";

const root = join(import.meta.dirname, "..");
const build = process.env.ASTROTALK_BUILD ?? join(root, "build/release");
delete process.env.ASTROTALK_BUILD; // the server refuses names that it does not know
const parts = ["reads", "slots", "bookings", "signins"];
const usage = "bench/run [--seconds 5] [--rounds 3] [--users 4000] [--only reads|slots|bookings|signins]…";

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: "string", default: "5" },
        rounds: { type: "string", default: "3" },
        users: { type: "string", default: "4000" },
        only: { type: "string", multiple: true, default: parts },
        help: { type: "boolean", short: "h" },
      },
    });
    const numbers = [values.seconds, values.rounds, values.users];
    const right = numbers.every((n) => Number(n) > 0) && values.only.every((name) => parts.includes(name));
    if (right && !values.help) return values;
  } catch {
    // what follows says it
  }
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
const options = readOptions();
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
const folder = mkdtempSync(join(tmpdir(), "astrotalk-bench-"));
chmodSync(folder, 0o711); // PostgreSQL runs as another account and must reach its part
const flowFile = join(folder, "flows");
const referenceUsers = 100_000;

export interface Step {
  count: number;
  p50: number;
  p99: number;
  statuses: Record<string, number>;
}
interface Load {
  seconds: number;
  flows: number;
  late: number;
  steps: Record<string, Step>;
}

const run = (file: string, args: string[], env: Record<string, string> = {}) =>
  execFileSync(file, args, { encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 1 << 28 });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function ready(url: string): Promise<number> {
  const begin = performance.now();
  for (;;) {
    try {
      if ((await fetch(url)).ok) return performance.now() - begin;
    } catch {
      // not listening yet
    }
    if (performance.now() - begin > 20_000) throw new Error(`${url} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

class Bench {
  url = "";
  postmaster = 0;
  server!: ChildProcess;
  sandbox!: ChildProcess;
  port = 0;
  sandboxPort = 0;
  readyMs = 0;
  environment: Record<string, string> = {};
  referenceUrl = "";

  /** The reference scripts' rows, in a database of their own beside the product's. */
  makeReference(): void {
    const superuser = this.url.replace("astrotalk@/astrotalk?", "postgres@/postgres?");
    run("psql", ["-q", "-c", "create database reference owner astrotalk", superuser]);
    this.referenceUrl = this.url.replace("/astrotalk?", "/reference?");
    run(join(build, "server/src/astrotalk"), ["migrate"], {
      ...this.environment,
      DATABASE_URL: this.referenceUrl,
    });
    run("psql", [
      "-q",
      "-v",
      `users=${referenceUsers}`,
      "-f",
      join(root, "bench/reference/setup.sql"),
      this.referenceUrl,
    ]);
  }

  async start(): Promise<void> {
    this.url = run(join(root, "tools/postgres"), ["start", join(folder, "postgres")]).trim();
    this.postmaster = Number(
      readFileSync(join(folder, "postgres/postmaster.pid"), "utf8").split("\n")[0],
    );
    [this.port, this.sandboxPort] = [await freePort(), await freePort()];
    this.environment = {
      DATABASE_URL: this.url,
      PORT: `${this.port}`,
      SANDBOX_PORT: `${this.sandboxPort}`,
      ASTROTALK_DATA_DIR: join(folder, "data"),
      ASTROTALK_WELCOME_BONUS: `${welcomeBonus}`,
      ASTROTALK_LOG_LEVEL: "warning",
      // The limiter works as ever; its ceiling is above what one bench user asks for.
      ASTROTALK_USER_RATE: "1000000",
      ASTROTALK_USER_BURST: "1000000",
    };
    const binary = join(build, "server/src/astrotalk");
    run(binary, ["migrate"], this.environment);
    const environment = { ...process.env, ...this.environment };
    this.sandbox = spawn(join(build, "sandbox/astrotalk-sandbox"), [], {
      env: environment,
      stdio: "ignore",
    });
    run(binary, ["demo"], this.environment);
    await this.#serve(binary, environment); // the first start makes the signing keys
    await new Promise((resolve) => this.server.once("exit", resolve).kill());
    this.readyMs = await this.#serve(binary, environment);
  }

  /** Starts the server and gives the milliseconds until it was ready. */
  #serve(binary: string, env: NodeJS.ProcessEnv): Promise<number> {
    this.server = spawn(binary, ["serve"], { env, stdio: ["ignore", "ignore", "inherit"] });
    return ready(`http://127.0.0.1:${this.port}/readyz`);
  }

  async stop(): Promise<void> {
    this.server?.kill();
    this.sandbox?.kill();
    if (this.postmaster) run(join(root, "tools/postgres"), ["remove", join(folder, "postgres")]);
    rmSync(folder, { recursive: true, force: true });
  }

  load(flows: string[], ...more: string[]): Load {
    writeFileSync(flowFile, flows.join("\n") + "\n");
    return JSON.parse(
      run(join(build, "bench/bench_load"), [
        "--flows",
        flowFile,
        "--port",
        `${this.port}`,
        "--port-name",
        `sandbox=${this.sandboxPort}`,
        ...more,
      ]),
    ) as Load;
  }

  /** One measurement: `work` gives how many operations it did and their latencies. */
  measure(
    work: () => { count: number; seconds: number; p50: number; p99: number; note?: string },
  ): Sample {
    const used = () => [cpuSeconds(this.server.pid!), cpuSeconds(this.postmaster)] as const;
    const before = used();
    const did = work();
    const after = used();
    const micros = (i: 0 | 1) => ((after[i] - before[i]) * 1e6) / did.count;
    return {
      rate: did.count / did.seconds,
      p50: did.p50,
      p99: did.p99,
      serverCpu: micros(0),
      postgresCpu: micros(1),
      note: did.note ?? "",
    };
  }

  /** Ends the holds that are left in a database. */
  reset(url: string): void {
    const quietly = ["-q", "-c", "set client_min_messages = error"];
    run("psql", [...quietly, "-f", join(root, "bench/reference/reset.sql"), url]);
  }

  pgbench(script: string, clients: number, ...more: string[]): Sample {
    this.reset(this.referenceUrl);
    return this.measure(() => {
      const text = run("pgbench", [
        "-n",
        "-M",
        "prepared",
        "-c",
        `${clients}`,
        "-j",
        "1",
        "-T",
        `${seconds}`,
        "-f",
        join(root, "bench/reference", script),
        "-D",
        `users=${referenceUsers}`,
        "-D",
        "days=30",
        ...more,
        this.referenceUrl,
      ]);
      const count = Number(/transactions actually processed: (\d+)/.exec(text)?.[1]);
      const average = Number(/latency average = ([\d.]+)/.exec(text)?.[1]) * 1000;
      return { count, seconds, p50: average, p99: Number.NaN };
    });
  }

  flows(label: string, flows: string[], connections: number, ...more: string[]): Sample {
    return this.measure(() => {
      const load = this.load(
        flows,
        "--connections",
        `${connections}`,
        "--seconds",
        `${seconds}`,
        ...more,
      );
      const step = load.steps[label];
      if (!step) throw new Error(`no ${label} in ${JSON.stringify(load)}`);
      const failed = Object.entries(load.steps).flatMap(([name, s]) =>
        Object.entries(s.statuses)
          .filter(([status]) => Number(status) >= 400)
          .map(([status, n]) => `${name} ${status}×${n}`),
      );
      const note = [load.late ? `late starts ${load.late}` : "", ...failed].filter(Boolean).join(", ");
      return { count: step.count, seconds: load.seconds, p50: step.p50, p99: step.p99, note };
    });
  }
}

/** RS256 signs a second on one core, as `openssl speed` sees it: the floor under every login. */
function rsaSignMicros(): number {
  const text = run("openssl", ["speed", "-seconds", "2", "rsa2048"]);
  const found = /rsa\s+2048 bits\s+([\d.]+)s/.exec(text);
  return Number(found?.[1]) * 1e6;
}

interface Flows {
  bookings: string[];
  slots: string[];
  reads: string[];
  hot: string[];
  refreshTokens: string[];
}

/** Users who signed up through the product, and one astrologer whose next 30 days hold 500 bookings. */
async function prepare(bench: Bench): Promise<Flows> {
  const address = `http://127.0.0.1:${bench.port}`;
  const tokens = join(folder, "tokens");
  say("signing users up");
  const signUps = signUpFlows(Number(options.users));
  bench.load(signUps, "--once", "--seconds", "300", "--connections", "32", "--save", tokens);
  const saved = readFileSync(tokens, "utf8").trim().split("\n");
  const pairs = saved.map((line) => line.split(" "));
  const bearers = pairs.map(([access]) => access!);
  const busy = await busyAstrologer(address, bearers[0]!);
  say("filling a calendar");
  const calendar = await bookingFlows(address, bearers, [busy]);
  bench.load(calendar.slice(0, 500), "--once", "--seconds", "60");
  // What autovacuum does in an hour of production: plans are made for the rows that are there.
  run("psql", ["-q", "-c", "set client_min_messages = error; analyze", bench.url]);
  const bookings = await bookingFlows(address, bearers);
  return {
    bookings,
    slots: slotFlows(busy, bearers),
    reads: await readFlows(address, bearers),
    hot: hotSlotFlows(bookings, bearers),
    refreshTokens: pairs.map(([, refresh]) => refresh!),
  };
}

// Each round has its own part of the slots, the users' sign-ins and the reference's serial numbers.
function part(flows: string[], n: number, of: number): string[] {
  return flows.slice(Math.floor((n * flows.length) / of), Math.floor(((n + 1) * flows.length) / of));
}

function measureReads(bench: Bench, flows: Flows, report: Report): void {
  report.add("read: pgbench prepared", bench.pgbench("read_astrologer.sql", 16));
  report.add("read one astrologer, authorised", bench.flows("GET /v1/astrologers/{id}", flows.reads, 64));
}

function measureSlots(bench: Bench, flows: Flows, report: Report): void {
  const slotRoute = "GET /v1/astrologers/{id}/slots";
  report.add("slots: pgbench, the rows alone", bench.pgbench("read_slots.sql", 16));
  const most = report.add("slots, own maximum", bench.flows(slotRoute, flows.slots, 16));
  const half = ["--rate", `${most.rate / 2}`];
  report.add("slots, open loop at half of it", bench.flows(slotRoute, flows.slots, 64, ...half));
}

function measureBookings(bench: Bench, flows: Flows, report: Report, round: number): void {
  const serial = (n: number) => ["-D", `n=${n * 100_000}`];
  // No more than there are users, so that each has one hold.
  const share = (n: number) => part(flows.bookings, n, 2 * rounds).slice(0, Number(options.users));
  const measured = (label: string, lines: string[]) => {
    bench.reset(bench.url);
    return bench.flows(label, lines, 32, "--once");
  };
  report.add("hold: pgbench", bench.pgbench("hold.sql", 32, ...serial(2 * round)));
  report.add("hold", measured("POST /v1/holds", holdFlows(share(round))));
  report.add("hold + book: pgbench", bench.pgbench("book.sql", 32, ...serial(2 * round + 1)));
  report.add("hold + book", measured("POST /v1/bookings", share(rounds + round)));
  report.add("hot slot: pgbench", bench.pgbench("hot_slot.sql", 32));
  report.add("hot slot", measured("POST /v1/holds", part(flows.hot, round, rounds)));
}

function measureSignIns(bench: Bench, flows: Flows, report: Report, round: number): void {
  const logins = loginFlows(flows.refreshTokens.length, round, rounds);
  const refreshes = refreshFlows(part(flows.refreshTokens, round, rounds));
  report.add("log in", bench.flows("cognito:RespondToAuthChallenge", logins, 16, "--once"));
  report.add("refresh", bench.flows("cognito:GetTokensFromRefreshToken", refreshes, 16, "--once"));
}

async function main(): Promise<void> {
  const bench = new Bench();
  try {
    await bench.start();
    const idle = residentMegabytes(bench.server.pid!).toFixed(1);
    bench.makeReference();
    await readConfig(`http://127.0.0.1:${bench.port}`);
    const flows = await prepare(bench);
    const report = new Report();
    for (let round = 0; round < rounds; ++round) {
      if (options.only.includes("reads")) measureReads(bench, flows, report);
      if (options.only.includes("slots")) measureSlots(bench, flows, report);
      if (options.only.includes("bookings")) measureBookings(bench, flows, report, round);
      if (options.only.includes("signins")) measureSignIns(bench, flows, report, round);
    }
    const how = `PostgreSQL 15, fsync on; ${rounds} rounds of ${seconds} s, medians`;
    console.log(`Machine: ${describeMachine()}. ${how}.\n`);
    const start = `Idle RSS ${idle} MB; ready ${bench.readyMs.toFixed(0)} ms after exec`;
    console.log(`${start}; one RS256 sign ${rsaSignMicros().toFixed(0)} µs.\n`);
    console.log(report.markdown());
  } finally {
    await bench.stop();
  }
}

await main();
