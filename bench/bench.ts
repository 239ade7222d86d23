// What a measurement stands on: a PostgreSQL, a server and a sandbox of its own, and the load on them.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { cpuSeconds, firstThreadSeconds } from "./machine.ts";
import { webhookSecret, welcomeBonus } from "./flows.ts";
import { type Sample, say } from "./report.ts";

const root = join(import.meta.dirname, "..");
const build = process.env.ASTROTALK_BUILD ?? join(root, "build/release");
delete process.env.ASTROTALK_BUILD; // the server refuses names that it does not know
const binary = join(build, "server/src/astrotalk");
const referenceUsers = 100_000;

export interface Step {
  count: number;
  p50: number;
  p99: number;
  statuses: Record<string, number>;
}
export interface Load {
  seconds: number;
  flows: number;
  late: number;
  whole: { p50: number; p99: number; max: number };
  steps: Record<string, Step>;
}
/** What is loaded: the port it listens on, and the process whose CPU counts. */
export interface Target {
  port: number;
  pid: number;
}
export interface Did {
  count: number;
  seconds: number;
  p50: number;
  p99: number;
  note?: string;
}

/** Gives standard output; standard error goes where ours goes, while it is said. */
export const run = (file: string, args: string[], env: Record<string, string> = {}) =>
  execFileSync(file, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "inherit"],
  });

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** The milliseconds until the address answered. */
export async function ready(url: string): Promise<number> {
  const begin = performance.now();
  for (;;) {
    try {
      const answer = await fetch(url, { headers: { "x-forwarded-for": "192.0.2.3" } }); // as a proxy sends it
      if (answer.ok) return performance.now() - begin;
    } catch {
      // not listening yet
    }
    if (performance.now() - begin > 60_000) throw new Error(`${url} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Says what begins, and how long it took when that is worth a word. */
export async function stage<T>(title: string, work: () => T | Promise<T>): Promise<T> {
  say(`${title} …`);
  const begin = performance.now();
  const value = await work();
  const took = (performance.now() - begin) / 1000;
  if (took >= 1) say(`  took ${took.toFixed(0)} s`);
  return value;
}

/** Tells a process to end, if it has not, and waits for that. */
export async function ended(each: ChildProcess | undefined): Promise<void> {
  if (each?.exitCode === null && each.signalCode === null)
    await new Promise((resolve) => each.once("exit", resolve).kill());
}

/** What went wrong in a load: every step that was refused, or never answered (status 0). */
export const failures = (load: Load): string[] =>
  Object.entries(load.steps).flatMap(([name, step]) =>
    Object.entries(step.statuses)
      .filter(([status]) => status === "0" || Number(status) >= 400)
      .map(([status, n]) => `${name} ${status === "0" ? "gave no SMS" : status}×${n}`),
  );

export class Bench {
  readonly seconds: number;
  readonly folder = mkdtempSync(join(tmpdir(), "astrotalk-bench-"));
  url = "";
  postmaster = 0;
  server!: ChildProcess;
  sandbox!: ChildProcess;
  port = 0;
  sandboxPort = 0;
  readyMs = 0;
  environment: Record<string, string> = {};
  referenceUrl = "";

  constructor(seconds: number) {
    this.seconds = seconds; // of each measurement that has no end of its own
    chmodSync(this.folder, 0o711); // PostgreSQL runs as another account and must reach its part
  }

  get target(): Target {
    return { port: this.port, pid: this.server.pid! };
  }
  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  #asSuperuser(database: string): string {
    return this.url.replace("astrotalk@/astrotalk?", `postgres@/${database}?`);
  }

  /** A database beside the product's, empty or like `template`, in which nobody may be working. */
  makeDatabase(name: string, template = "template1"): string {
    const made = `create database ${name} owner astrotalk template ${template}`;
    run("psql", ["-q", "-c", made, this.#asSuperuser("postgres")]);
    return this.url.replace("/astrotalk?", `/${name}?`);
  }

  /** One of the server's commands on another database. */
  command(url: string, ...words: string[]): string {
    return run(binary, words, { ...this.environment, DATABASE_URL: url });
  }

  /** Scripts of bench/, one after the other in a session of a superuser. */
  async script(database: string, files: string[], values: Record<string, string | number>): Promise<void> {
    const given = Object.entries(values).flatMap(([name, value]) => ["-v", `${name}=${value}`]);
    const scripts = files.flatMap((file) => ["-f", join(root, "bench", file)]);
    const how = ["-q", "-v", "ON_ERROR_STOP=1", ...given, ...scripts, this.#asSuperuser(database)];
    const psql = spawn("psql", how, { stdio: ["ignore", "ignore", "inherit"] });
    const [code] = (await once(psql, "exit")) as [number | null];
    if (code !== 0) throw new Error(`${files.join(", ")}: psql ended with ${code}`);
  }

  /** What a statement gives, a line a row. */
  rows(url: string, sql: string): string[] {
    return run("psql", ["-Atq", "-v", "ON_ERROR_STOP=1", "-c", sql, url]).split("\n").filter(Boolean);
  }

  /**
   * The reference scripts' rows, beside what `template` has. They are made while whoever calls this does
   * something else.
   */
  makeReference(name = "reference", template?: string): Promise<void> {
    this.referenceUrl = this.makeDatabase(name, template);
    if (!template) this.command(this.referenceUrl, "migrate");
    return this.script(name, ["reference/setup.sql"], { users: referenceUsers });
  }

  /** All but a server: who has databases of their own starts servers of their own. */
  async startSurroundings(): Promise<void> {
    this.url = run(join(root, "tools/postgres"), ["start", join(this.folder, "postgres")]).trim();
    this.postmaster = Number(
      readFileSync(join(this.folder, "postgres/postmaster.pid"), "utf8").split("\n")[0],
    );
    [this.port, this.sandboxPort] = [await freePort(), await freePort()];
    this.environment = {
      DATABASE_URL: this.url,
      PORT: `${this.port}`,
      SANDBOX_PORT: `${this.sandboxPort}`,
      ASTROTALK_DATA_DIR: join(this.folder, "data"),
      ASTROTALK_WELCOME_BONUS: `${welcomeBonus}`,
      ASTROTALK_LOG_LEVEL: "warning",
      ASTROTALK_DIGIO_WEBHOOK_SECRET: webhookSecret,
      // The limiter works as ever; its ceiling is above what one bench user asks for.
      ASTROTALK_USER_RATE: "1000000",
      ASTROTALK_USER_BURST: "1000000",
    };
    this.sandbox = spawn(join(build, "sandbox/astrotalk-sandbox"), [], {
      env: { ...process.env, ...this.environment },
      stdio: "ignore",
    });
  }

  async start(): Promise<void> {
    await this.startSurroundings();
    this.command(this.url, "migrate");
    this.command(this.url, "demo");
    this.server = this.serve({});
    await ready(`${this.address}/readyz`); // the first start makes the signing keys
    await this.stopServer();
    this.server = this.serve({});
    this.readyMs = await ready(`${this.address}/readyz`);
  }

  /** Starts a server whose settings differ in `more`. */
  serve(more: Record<string, string>): ChildProcess {
    const env = { ...process.env, ...this.environment, ...more };
    return spawn(binary, ["serve"], { env, stdio: ["ignore", "ignore", "inherit"] });
  }

  /** Ends the server that `start` started: an idle one asks its database for work all the time. */
  stopServer(): Promise<void> {
    return ended(this.server);
  }

  async stop(): Promise<void> {
    await ended(this.server);
    await ended(this.sandbox);
    if (this.postmaster) run(join(root, "tools/postgres"), ["remove", join(this.folder, "postgres")]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  load(flows: string[], on: Target, ...more: string[]): Load {
    const file = join(this.folder, "flows");
    writeFileSync(file, flows.join("\n") + "\n");
    const where = ["--port", `${on.port}`, "--port-name", `sandbox=${this.sandboxPort}`];
    const said = run(join(build, "bench/bench_load"), ["--flows", file, ...where, ...more]);
    return JSON.parse(said) as Load;
  }

  /** Every flow once, whole; gives the tokens and the cookie that each left, in the order of their ends. */
  prepare(flows: string[], on = this.target): { access: string; refresh: string; cookie: string }[] {
    const saved = join(this.folder, "saved");
    // Ten a second is far less than any machine does that can measure something.
    const patience = ["--seconds", `${Math.max(60, flows.length / 10)}`];
    const how = ["--once", "--connections", "32", "--progress", "--save", saved];
    const did = this.load(flows, on, ...how, ...patience);
    if (did.flows !== flows.length)
      throw new Error(`${did.flows} of ${flows.length} flows ended well: ${failures(did).join(", ")}`);
    return readFileSync(saved, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([access, refresh, cookie]) => ({ access: access!, refresh: refresh!, cookie: cookie! }));
  }

  /** One measurement: `work` gives how many operations it did and their latencies. */
  async measure(work: () => Did | Promise<Did>, on = this.target): Promise<Sample> {
    const used = () =>
      [cpuSeconds(on.pid), cpuSeconds(this.postmaster), firstThreadSeconds(on.pid)] as const;
    const before = used();
    const did = await work();
    const after = used();
    const micros = (i: 0 | 1 | 2) => ((after[i] - before[i]) * 1e6) / did.count;
    return {
      rate: did.count / did.seconds,
      p50: did.p50,
      p99: did.p99,
      serverCpu: micros(0),
      postgresCpu: micros(1),
      background: micros(2),
      note: did.note ?? "",
    };
  }

  /** What autovacuum does in an hour of production: plans are made for the rows that are there. */
  analyze(url: string): void {
    run("psql", ["-q", "-c", "set client_min_messages = error; analyze", url]);
  }

  /** Ends the holds that are left in a database. */
  reset(url: string): void {
    const quietly = ["-q", "-c", "set client_min_messages = error"];
    run("psql", [...quietly, "-f", join(root, "bench/reference/reset.sql"), url]);
  }

  pgbench(script: string, clients: number, ...more: string[]): Promise<Sample> {
    this.reset(this.referenceUrl);
    const how = ["-n", "-M", "prepared", "-c", `${clients}`, "-j", "1", "-T", `${this.seconds}`];
    const what = ["-f", join(root, "bench/reference", script), "-D", `users=${referenceUsers}`];
    return this.measure(() => {
      const text = run("pgbench", [...how, ...what, "-D", "days=30", ...more, this.referenceUrl]);
      const count = Number(/transactions actually processed: (\d+)/.exec(text)?.[1]);
      const average = Number(/latency average = ([\d.]+)/.exec(text)?.[1]) * 1000;
      return { count, seconds: this.seconds, p50: average, p99: Number.NaN };
    });
  }

  flows(
    label: string,
    flows: string[],
    connections: number,
    more: string[] = [],
    on = this.target,
  ): Promise<Sample> {
    return this.measure(() => {
      const how = ["--connections", `${connections}`, "--seconds", `${this.seconds}`];
      const load = this.load(flows, on, ...how, ...more);
      const step = load.steps[label];
      if (!step) throw new Error(`no ${label} in ${JSON.stringify(load)}`);
      const late = load.late ? `late starts ${load.late}` : "";
      const note = [late, ...failures(load)].filter(Boolean).join(", ");
      return { count: step.count, seconds: load.seconds, p50: step.p50, p99: step.p99, note };
    }, on);
  }

  /** Nanoseconds a check of an access token (verifier_bench.cpp), a number a round. */
  tokenChecks(rounds: number): { known: number[]; asServed: number[] } {
    return JSON.parse(run(join(build, "server/src/identity/identity_bench"), [`${rounds}`])) as {
      known: number[];
      asServed: number[];
    };
  }
}
