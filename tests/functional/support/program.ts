// A child process with its output kept, started and stopped for certain.
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const keptLines = 20_000;

export class Program {
  readonly name: string;
  readonly lines: string[] = [];
  readonly ended: Promise<Ended>;
  #child: ChildProcess;
  #end: Ended | undefined;

  constructor(name: string, file: string, args: string[], env: Record<string, string>, cwd: string) {
    this.name = name;
    this.#child = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    this.#keep(this.#child.stdout!);
    this.#keep(this.#child.stderr!);
    this.ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.lines.push(`could not start ${file}: ${error.message}`);
        resolve((this.#end = { code: 127, signal: null }));
      });
      this.#child.once("close", (code, signal) => resolve((this.#end = { code, signal })));
    });
  }

  #keep(stream: NodeJS.ReadableStream) {
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop()!;
      this.lines.push(...parts);
      if (this.lines.length > keptLines) this.lines.splice(0, this.lines.length - keptLines);
    });
    stream.on("end", () => rest && this.lines.push(rest));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get running(): boolean {
    return this.#end === undefined;
  }

  tail(count = 40): string {
    const shown = this.lines.slice(-count).map((line) => `    ${line}`);
    return `--- the last lines of ${this.name} ---\n${shown.join("\n")}`;
  }

  signal(what: NodeJS.Signals) {
    if (this.running) this.#child.kill(what);
  }

  // Asks it to end; a program that does not within the time is killed, and that is an error.
  async stop(withinMs = 10_000): Promise<Ended> {
    this.signal("SIGTERM");
    const end = await Promise.race([this.ended, sleep(withinMs, undefined, { ref: false })]);
    if (end) return end;
    this.signal("SIGKILL");
    await this.ended;
    throw new Error(`${this.name} did not end within ${withinMs} ms of SIGTERM\n${this.tail()}`);
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }
}

export interface Output {
  code: number | null;
  text: string;
}

// Runs a program to its end, both outputs together.
export async function run(
  file: string,
  args: string[],
  env: Record<string, string>,
  cwd: string,
): Promise<Output> {
  const program = new Program(`${file} ${args.join(" ")}`, file, args, env, cwd);
  const { code } = await program.ended;
  return { code, text: program.lines.join("\n") };
}

// A port of the loopback that was free a moment ago.
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

// Tries until it gives something, and says what it waited for when it never does.
export async function until<T>(
  what: string,
  attempt: () => Promise<T | undefined | false>,
  withinMs = 10_000,
  everyMs = 25,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const got = await attempt();
    if (got !== undefined && got !== false) return got;
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await sleep(everyMs);
  }
}
