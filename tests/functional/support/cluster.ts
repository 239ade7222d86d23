// A private PostgreSQL 15 on a unix socket. PostgreSQL refuses to run as root, so root hands it to the
// account `postgres`.
import { chown, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program, run, until } from "./program.ts";

const binaries = "/usr/lib/postgresql/15/bin";
const owner = "astrotalk";

// The programs under test get only this of our own environment, so that nothing of the developer's leaks in.
export function bareEnvironment(): Record<string, string> {
  const kept: Record<string, string> = { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C.UTF-8" };
  for (const name of ["HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"]) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

const isRoot = process.getuid?.() === 0;

function unprivileged(file: string, args: string[]): [string, string[]] {
  if (!isRoot) return [file, args];
  return ["setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", file, ...args]];
}

export class Cluster {
  readonly directory: string;
  #server: Program | undefined;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<Cluster> {
    const directory = await mkdtemp(join(tmpdir(), "astrotalk-pg-"));
    const cluster = new Cluster(directory);
    if (isRoot) {
      const uid = Number((await run("id", ["-u", "postgres"], bareEnvironment(), "/")).text);
      const gid = Number((await run("id", ["-g", "postgres"], bareEnvironment(), "/")).text);
      await chown(directory, uid, gid);
    }
    const [file, args] = unprivileged(`${binaries}/initdb`, [
      "-D",
      join(directory, "data"),
      "-U",
      owner,
      "-E",
      "UTF8",
      "--locale=C.UTF-8",
      "--auth=trust",
      "--no-sync",
    ]);
    const made = await run(file, args, bareEnvironment(), "/");
    if (made.code !== 0) throw new Error(`initdb failed:\n${made.text}`);
    await cluster.start();
    return cluster;
  }

  // One that another process of this run started.
  static at(directory: string): Cluster {
    return new Cluster(directory);
  }

  async start(): Promise<void> {
    const settings = {
      listen_addresses: "",
      unix_socket_directories: this.directory,
      max_connections: "400",
      fsync: "off", // a test's machine may crash; its server may not, and that is what the tests kill
      shared_buffers: "64MB",
      log_min_messages: "warning",
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const [file, args] = unprivileged(`${binaries}/postgres`, [
      "-D",
      join(this.directory, "data"),
      ...flags,
    ]);
    this.#server = new Program("PostgreSQL", file, args, bareEnvironment(), "/");
    const server = this.#server;
    await until("PostgreSQL to accept connections", async () => {
      if (!server.running) throw new Error(server.tail());
      return (
        (await run(`${binaries}/pg_isready`, ["-q", "-h", this.directory], bareEnvironment(), "/")).code ===
        0
      );
    });
  }

  // SIGINT is PostgreSQL's fast shutdown, SIGQUIT the nearest thing to a crash.
  async halt(how: "SIGINT" | "SIGQUIT" = "SIGINT"): Promise<void> {
    this.#server?.signal(how);
    await this.#server?.ended;
  }

  async destroy(): Promise<void> {
    await this.halt("SIGQUIT");
    await rm(this.directory, { recursive: true, force: true });
  }

  // By another way than its own socket's, where that is named.
  url(database: string, directory = this.directory): string {
    return `postgresql:///${database}?host=${encodeURIComponent(directory)}&user=${owner}`;
  }

  // Rows of text without decoration, as psql gives them.
  async query(database: string, sql: string): Promise<string> {
    const args = [
      "-X",
      "-q",
      "-A",
      "-t",
      "-v",
      "ON_ERROR_STOP=1",
      "-h",
      this.directory,
      "-U",
      owner,
      "-d",
      database,
      "-c",
      sql,
    ];
    const { code, text } = await run("psql", args, bareEnvironment(), "/");
    if (code !== 0) throw new Error(`${sql}\n${text}`);
    return text.trim();
  }
}

export async function scratchDirectory(name: string): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), `astrotalk-${name}-`));
  await mkdir(made, { recursive: true });
  return made;
}
