// A server with a database of its own on the bench's PostgreSQL, up only while it is measured: an idle one
// asks its database for work all the time.
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";

import { type Bench, type Target, ended, freePort, ready } from "./bench.ts";

export class Place {
  readonly name: string;
  readonly url: string;
  readonly #bench: Bench;
  readonly #settings: Record<string, string>;
  #server: ChildProcess | undefined;
  #port = 0;

  /** An empty database with the product's tables. */
  constructor(bench: Bench, name: string, settings: Record<string, string> = {}) {
    this.#bench = bench;
    this.name = name;
    this.url = bench.makeDatabase(name);
    this.#settings = {
      DATABASE_URL: this.url,
      ASTROTALK_DATA_DIR: join(bench.folder, name),
      ...settings,
    };
    bench.command(this.url, "migrate");
  }

  get target(): Target {
    return { port: this.#port, pid: this.#server!.pid! };
  }
  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** With the server up. */
  async during<T>(work: () => T | Promise<T>): Promise<T> {
    this.#port ||= await freePort();
    this.#server = this.#bench.serve({ ...this.#settings, PORT: `${this.#port}` });
    try {
      await ready(`${this.address}/readyz`);
      return await work();
    } finally {
      await ended(this.#server);
    }
  }

  /** The server's counters, by name and labels as Prometheus would read them. */
  async counters(): Promise<Map<string, number>> {
    const answer = await fetch(`${this.address}/metrics`, { headers: { "x-forwarded-for": "192.0.2.3" } });
    const lines = (await answer.text()).split("\n").filter((line) => line && !line.startsWith("#"));
    const cut = (line: string) => line.lastIndexOf(" ");
    return new Map(lines.map((line) => [line.slice(0, cut(line)), Number(line.slice(cut(line) + 1))]));
  }
}
