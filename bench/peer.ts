// Beside us: better-auth's phone-number plugin. Its server is reference/better_auth.ts.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

import { type Bench, type Target, freePort, ready, stage } from "./bench.ts";
import { flow, inbox, phone, request } from "./flows.ts";
import type { Report } from "./report.ts";

const sendRoute = "/api/auth/phone-number/send-otp";
const verifyRoute = "/api/auth/phone-number/verify";
const sessionRoute = "/api/auth/get-session";

const signIn = (number: string) =>
  flow(
    inbox(number),
    request("POST", sendRoute, "-", { phoneNumber: number }),
    inbox(number),
    request("POST", verifyRoute, "-", { phoneNumber: number, code: "$code" }),
  );

interface Session {
  session: { expiresAt: string };
  user: { phoneNumber: string };
}

export class Peer {
  readonly #bench: Bench;
  #server!: ChildProcess;
  #port = 0;
  #cookies: string[] = [];
  #phones: string[] = [];

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  get #target(): Target {
    return { port: this.#port, pid: this.#server.pid! };
  }

  /** Its server, with as many users as one round of ours logs in. */
  async start(users: number): Promise<void> {
    const database = this.#bench.makeDatabase("better_auth");
    this.#port = await freePort();
    const program = join(import.meta.dirname, "reference/better_auth.ts");
    const provider = `http://127.0.0.1:${this.#bench.sandboxPort}/sms`;
    this.#server = spawn(process.execPath, ["--no-warnings", program, `${this.#port}`, provider], {
      env: {
        ...process.env,
        NODE_ENV: "production",
        PGHOST: decodeURIComponent(/host=([^&]+)/.exec(database)![1]!),
        PGUSER: "astrotalk",
        PGDATABASE: "better_auth",
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
    await ready(`http://127.0.0.1:${this.#port}/api/auth/ok`);
    await this.#proveLimits();
    this.#phones = Array.from({ length: users }, (_, n) => phone(n));
    const signedUp = await stage(`signing ${users} users up with better-auth`, () =>
      this.#bench.prepare(this.#phones.map(signIn), this.#target),
    );
    this.#bench.analyze(database);
    this.#cookies = signedUp.map(({ cookie }) => cookie);
    await this.#proveSessions();
  }

  stop(): void {
    this.#server?.kill();
  }

  async logIn(report: Report): Promise<void> {
    const lines = this.#phones.map(signIn);
    const label = `POST ${verifyRoute}`;
    report.add("log in: better-auth", await this.#bench.flows(label, lines, 16, ["--once"], this.#target));
  }

  async refresh(report: Report): Promise<void> {
    const lines = this.#cookies.map((cookie) => request("GET", sessionRoute, `cookie=${cookie}`));
    report.add(
      "refresh: better-auth's session, extended",
      await this.#bench.flows(`GET ${sessionRoute}`, lines, 16, ["--once"], this.#target),
    );
  }

  async read(report: Report): Promise<void> {
    const path = `${sessionRoute}?disableRefresh=true`;
    const lines = this.#cookies.map((cookie) => request("GET", path, `cookie=${cookie}`));
    report.add(
      "who is signed in: better-auth's session",
      await this.#bench.flows(`GET ${sessionRoute}`, lines, 16, [], this.#target),
    );
  }

  /** One address that guesses is stopped: the limiter is on, as in production. */
  async #proveLimits(): Promise<void> {
    const statuses: number[] = [];
    for (let n = 0; n < 11; ++n) {
      const answer = await fetch(`http://127.0.0.1:${this.#port}${verifyRoute}`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-for": "192.0.2.1" },
        body: JSON.stringify({ phoneNumber: "+919900000000", code: "000000" }),
      });
      statuses.push(answer.status);
    }
    if (statuses.at(-1) !== 429) throw new Error(`better-auth does not limit: ${statuses.join(" ")}`);
  }

  // Without a session it answers 200 and null, which would be a fast and worthless row.
  async #proveSessions(): Promise<void> {
    const seen = async (query: string) => {
      const headers = { cookie: this.#cookies[0]!, "x-forwarded-for": "192.0.2.2" };
      const answer = await fetch(`http://127.0.0.1:${this.#port}${sessionRoute}${query}`, { headers });
      const found = (await answer.json()) as Session | null;
      if (found === null || !this.#phones.includes(found.user.phoneNumber))
        throw new Error("better-auth does not know its user");
      return found.session.expiresAt;
    };
    const read = await seen("?disableRefresh=true");
    const readAgain = await seen("?disableRefresh=true");
    const extended = await seen("");
    if (read !== readAgain || Date.parse(extended) <= Date.parse(read))
      throw new Error("better-auth's session is not read and extended as the rows say");
  }
}
