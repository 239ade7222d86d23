// A private Redis. Debian's redis-tools holds its whole program under another name, and unlike redis-server
// starts no system service.
import { rm } from "node:fs/promises";
import { bareEnvironment, scratchDirectory } from "./cluster.ts";
import type { KeyPair } from "./certificates.ts";
import { freePort, Program, run, until } from "./program.ts";

export interface RedisOptions {
  port?: number;
  tls?: KeyPair;
  password?: string;
}

export class Redis {
  readonly port: number;
  readonly directory: string;
  readonly program: Program;

  private constructor(port: number, directory: string, program: Program) {
    this.port = port;
    this.directory = directory;
    this.program = program;
  }

  static async start(options: RedisOptions = {}): Promise<Redis> {
    const port = options.port ?? (await freePort());
    const directory = await scratchDirectory("redis");
    const settings: Record<string, string> = {
      bind: "127.0.0.1",
      dir: directory,
      save: "",
      port: options.tls ? "0" : String(port),
    };
    if (options.password) settings.requirepass = options.password;
    if (options.tls) {
      settings["tls-port"] = String(port);
      settings["tls-cert-file"] = options.tls.certificate;
      settings["tls-key-file"] = options.tls.key;
      settings["tls-ca-cert-file"] = options.tls.certificate;
      settings["tls-auth-clients"] = "no";
    }
    const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const asServer = 'exec -a redis-server redis-check-rdb "$@"';
    const args = ["-c", asServer, "redis-server", ...flags];
    const program = new Program("Redis", "bash", args, bareEnvironment(), directory);
    const made = new Redis(port, directory, program);
    await until("Redis to accept connections", async () => {
      if (!program.running) throw new Error(program.tail());
      return program.lines.some((line) => line.includes("Ready to accept connections"));
    });
    return made;
  }

  url(database = 0): string {
    return `redis://127.0.0.1:${this.port}/${database}`;
  }

  async command(...args: string[]): Promise<string> {
    const { text } = await run("redis-cli", ["-p", String(this.port), ...args], bareEnvironment(), "/");
    return text;
  }

  async stop(how: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    this.program.signal("SIGCONT");
    this.program.signal(how);
    await this.program.ended;
    await rm(this.directory, { recursive: true, force: true });
  }
}
