// Where the sandbox's Digio sends its webhooks in tests: keeps what came, and answers as it is told to.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import { after, afterEach, before } from "node:test";
import { Sandbox } from "../../browser/support/sandbox.ts";
import { freePort, until } from "./program.ts";

export const webhookKey = "a webhook secret";

export interface Arrival {
  body: string;
  checksum: string;
  event: string;
  id: string;
}

export class Receiver {
  readonly arrivals: Arrival[] = [];
  answers: number[] = []; // what the next webhooks are answered; then 200
  #server!: Server;

  listen(port: number): Promise<void> {
    this.#server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (chunk: string) => (body += chunk));
      request.on("end", () => {
        const { event, EVENT, id, ID } = JSON.parse(body);
        const checksum = String(request.headers["x-digio-checksum"]);
        this.arrivals.push({ body, checksum, event: event ?? EVENT, id: id ?? ID });
        response.statusCode = this.answers.shift() ?? 200;
        response.end();
      });
    });
    return new Promise((resolve) => this.#server.listen(port, "127.0.0.1", () => resolve()));
  }

  close() {
    this.#server?.close();
  }

  clear() {
    this.arrivals.length = 0;
    this.answers = [];
  }

  get events(): string[] {
    return this.arrivals.map((each) => each.event);
  }

  // At least that many.
  come(count: number): Promise<Arrival[]> {
    return until(`${count} webhooks`, async () => this.arrivals.length >= count && this.arrivals.slice());
  }
}

export const checksum = (body: string, secret = webhookKey) =>
  createHmac("sha256", secret).update(body).digest("hex");

// A sandbox and a receiver for the tests of a file; both forget everything after each test.
export function useDigio(): { sandbox: () => Sandbox; receiver: Receiver } {
  const receiver = new Receiver();
  let sandbox: Sandbox | undefined;
  before(async () => {
    const port = await freePort();
    await receiver.listen(port);
    sandbox = await Sandbox.start({
      SANDBOX_DIGIO_WEBHOOK_SECRET: webhookKey,
      SANDBOX_DIGIO_WEBHOOK_URL: `http://127.0.0.1:${port}/`,
    });
  });
  afterEach(async () => {
    await sandbox?.control("POST", "/digio/reset");
    receiver.clear();
  });
  after(async () => {
    receiver.close();
    await sandbox?.stop();
  });
  return { sandbox: () => sandbox!, receiver };
}

export const drive = (sandbox: Sandbox, id: string, outcome: string) =>
  sandbox.control("POST", `/digio/requests/${id}`, { outcome });

export async function setFaults(sandbox: Sandbox, ...rules: unknown[]): Promise<void> {
  const { rules: set } = await sandbox.control("PUT", "/digio", { rules });
  assert.equal(set.length, rules.length);
}
