// A world of its own for one test file: a database from the migrated template, a sandbox and a server on
// free ports.
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, afterEach, before } from "node:test";
import { Cluster, bareEnvironment, scratchDirectory } from "./cluster.ts";
import { takeBroken } from "./contract.ts";
import { createAdmin, type Person } from "./person.ts";
import { type Place, readConfig } from "./place.ts";
import { freePort, type Output, Program, run, until } from "./program.ts";
import type { Schemas } from "@astrotalk/api-client";

export const root = resolve(import.meta.dirname, "../../..");
const build = resolve(root, process.env.ASTROTALK_BUILD ?? "build/release");
export const astrotalk = join(build, "server/src/astrotalk");
const sandboxProgram = join(build, "sandbox/astrotalk-sandbox");
const templateDatabase = "astrotalk_template";
export const clusterVariable = "ASTROTALK_FUNCTIONAL_CLUSTER";
const sanitized = /san/.test(build);

export interface WorldOptions {
  env?: Record<string, string>;
  cluster?: Cluster; // of its own, for tests that take the database away
  databaseSocket?: string; // the folder of the socket by which the server reaches it, when not its own
}

// The database that every world is a copy of, made by the real migrations.
export async function prepareTemplate(cluster: Cluster): Promise<void> {
  const directory = await scratchDirectory("template");
  try {
    await cluster.query("postgres", `create database ${templateDatabase}`);
    const env = {
      ...bareEnvironment(),
      DATABASE_URL: cluster.url(templateDatabase),
      ASTROTALK_DATA_DIR: directory,
    };
    const migrated = await run(astrotalk, ["migrate"], env, directory);
    if (migrated.code !== 0) throw new Error(`astrotalk migrate failed:\n${migrated.text}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

let databases = 0;

export function sharedCluster(): Cluster {
  const directory = process.env[clusterVariable];
  if (!directory) throw new Error("run the functional tests with `npm run test:functional [name …]`");
  return Cluster.at(directory);
}

// What the sandbox signs webhooks with; ./start makes one up.
const webhookSecret = "a webhook secret of tests";

export interface Node {
  base: string;
  program: Program;
}

export class World implements Place {
  readonly cluster: Cluster;
  readonly database: string;
  readonly directory: string;
  readonly env: Record<string, string>;
  readonly base: string;
  readonly sandbox: string;
  config!: Schemas["Config"];
  server!: Program;
  #sandboxProgram!: Program;
  #aheadSeconds = 0;

  private constructor(
    cluster: Cluster,
    database: string,
    directory: string,
    ports: [number, number],
    { env: extra = {}, databaseSocket }: WorldOptions,
  ) {
    this.cluster = cluster;
    this.database = database;
    this.directory = directory;
    this.base = `${extra.ASTROTALK_TLS_CERTIFICATE ? "https" : "http"}://127.0.0.1:${ports[0]}`;
    this.env = {
      ...bareEnvironment(),
      PORT: String(ports[0]),
      SANDBOX_PORT: String(ports[1]),
      DATABASE_URL: cluster.url(database, databaseSocket),
      ASTROTALK_DATA_DIR: join(directory, "data"),
      ASTROTALK_TEST_CLOCK: "on",
      ASTROTALK_DIGIO_WEBHOOK_SECRET: webhookSecret,
      SANDBOX_DIGIO_WEBHOOK_SECRET: webhookSecret,
      ASTROTALK_RAZORPAY_WEBHOOK_SECRET: webhookSecret,
      SANDBOX_RAZORPAY_WEBHOOK_SECRET: webhookSecret,
      ...extra,
    };
    this.sandbox = `http://127.0.0.1:${this.env.SANDBOX_PORT}`;
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const cluster = options.cluster ?? sharedCluster();
    const database = `world_${process.pid}_${++databases}`;
    await cluster.query("postgres", `create database ${database} template ${templateDatabase}`);
    const directory = await scratchDirectory("world");
    const world = new World(cluster, database, directory, [await freePort(), await freePort()], options);
    world.#sandboxProgram = new Program("sandbox", sandboxProgram, [], world.env, directory);
    await world.startServer();
    await until("the sandbox", async () => {
      assert.ok(world.#sandboxProgram.running, world.#sandboxProgram.tail());
      return fetch(`${world.sandbox}/sms?to=%2B910000000000`).then(
        (r) => r.ok,
        () => false,
      );
    });
    world.config = await readConfig(world.base);
    return world;
  }

  async startServer(): Promise<void> {
    this.server = new Program("the server", astrotalk, ["serve"], this.env, this.directory);
    this.#aheadSeconds = 0;
    const server = this.server;
    await until(
      "the server to be ready",
      async () => {
        assert.ok(server.running, `the server ended\n${server.tail()}`);
        return fetch(`${this.base}/readyz`).then(
          (r) => r.ok,
          () => false,
        );
      },
      sanitized ? 60_000 : 15_000,
    );
  }

  // One more node over the same database. Whoever starts it stops it.
  async startAnother(env: Record<string, string> = {}): Promise<Node> {
    const port = await freePort();
    const settings = { ...this.env, ...env, PORT: String(port) };
    const program = new Program("another node", astrotalk, ["serve"], settings, this.directory);
    const base = `http://127.0.0.1:${port}`;
    await until("another node", async () => {
      assert.ok(program.running, program.tail());
      return fetch(`${base}/readyz`).then(
        (r) => r.ok,
        () => false,
      );
    });
    return { base, program };
  }

  command(...args: string[]): Promise<Output> {
    return run(astrotalk, args, this.env, this.directory);
  }

  query(sql: string): Promise<string> {
    return this.cluster.query(this.database, sql);
  }

  // Moves this world's clock forward.
  async advance(seconds: number): Promise<void> {
    const response = await fetch(`${this.base}/test/clock`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ advanceSeconds: seconds }),
    });
    assert.ok(response.ok, `the test clock answered ${response.status}`);
    this.#aheadSeconds += seconds;
  }

  now(): number {
    return Date.now() + this.#aheadSeconds * 1_000;
  }

  admin(): Promise<Person> {
    return createAdmin(this);
  }

  // What the product's own scan says of the database, the queue and the server's log.
  async #scan(): Promise<string> {
    const log = join(this.directory, "server.log");
    await writeFile(log, this.server.lines.join("\n"));
    return (await this.command("privacy", "scan", log)).text;
  }

  async close(): Promise<void> {
    const end = await this.server?.stop(sanitized ? 60_000 : 15_000);
    await this.#sandboxProgram?.stop();
    const scanned = end?.code === 0 ? await this.#scan() : "";
    await rm(this.directory, { recursive: true, force: true });
    await this.cluster
      .query("postgres", `drop database if exists ${this.database} with (force)`)
      .catch(() => {});
    assert.equal(end?.code, 0, `the server ended with ${end?.code ?? end?.signal}\n${this.server.tail()}`);
    assert.doesNotMatch(scanned, /: \d+ Aadhaar numbers/, "whatever was tested, none is stored or logged");
  }
}

// The world of a test file, opened before its tests and closed after them. A failing test shows the end of
// the server's log.
export function useWorld(
  options: WorldOptions = {},
  prepare?: (world: World) => Promise<void>,
): () => World {
  let world: World | undefined;
  before(async () => {
    world = await World.open(options);
    await prepare?.(world); // in the same hook: those of a file begin at once, not after one another
  });
  afterEach((t) => {
    const context = t as unknown as { passed?: boolean; name: string };
    if (context.passed === false) console.log(`${context.name} failed\n${world?.server.tail()}`);
    assert.deepEqual(takeBroken(), [], "answers broke the contract");
  });
  after(async () => {
    await world?.close();
  });
  return () => world!;
}
