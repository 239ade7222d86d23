// The sandbox alone, on a port of its own, and its Digio as a client and as a tester sees it.
import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { freePort, Program, until } from "../../functional/support/program.ts";

const root = resolve(import.meta.dirname, "../../..");
export const sandboxProgram = join(
  resolve(root, process.env.ASTROTALK_BUILD ?? "build/release"),
  "sandbox/astrotalk-sandbox",
);

export interface Kyc {
  id: string;
  customer_identifier: string;
  access_token: { id: string };
}

export class Sandbox {
  readonly base: string;
  #program: Program;

  private constructor(port: number, env: Record<string, string>) {
    this.base = `http://127.0.0.1:${port}`;
    const all = { PATH: process.env.PATH ?? "", LC_ALL: "C.UTF-8", SANDBOX_PORT: String(port), ...env };
    this.#program = new Program("the sandbox", sandboxProgram, [], all, root);
  }

  static async start(env: Record<string, string> = {}): Promise<Sandbox> {
    const made = new Sandbox(await freePort(), env);
    await until(
      "the sandbox",
      async () => {
        assert.ok(made.#program.running, made.#program.tail());
        return fetch(`${made.base}/healthz`).then(
          (r) => r.ok,
          () => false,
        );
      },
      60_000,
    );
    return made;
  }

  async stop(): Promise<void> {
    const end = await this.#program.stop();
    assert.equal(end.code, 0, this.#program.tail());
  }

  // Digio's REST API.
  async digio(path: string, body: unknown, method = "POST"): Promise<any> {
    const authorization = `Basic ${Buffer.from("sandbox-client:sandbox-client-secret").toString("base64")}`;
    const init: RequestInit = { method, headers: { authorization } };
    if (method !== "GET") init.body = JSON.stringify(body);
    const answer = await fetch(this.base + path, init);
    assert.ok(answer.ok, `${path} answered ${answer.status}: ${await answer.clone().text()}`);
    return answer.json();
  }

  async control(method: string, path: string, body?: unknown): Promise<any> {
    const init: RequestInit = { method };
    if (body !== undefined) init.body = JSON.stringify(body);
    const answer = await fetch(`${this.base}/control${path}`, init);
    assert.ok(answer.ok, `${path} answered ${answer.status}: ${await answer.clone().text()}`);
    return answer.json();
  }

  create(more: Record<string, unknown> = {}): Promise<Kyc> {
    return this.digio("/client/kyc/v2/request/with_template", {
      customer_identifier: "+919876500001",
      customer_name: "Asha Rao",
      template_name: "ASTROLOGER_VIDEO_KYC",
      generate_access_token: true,
      ...more,
    });
  }

  read(kyc: Kyc): Promise<any> {
    return this.digio(`/client/kyc/v2/${kyc.id}/response`, {});
  }

  advance(seconds: number): Promise<unknown> {
    return this.control("POST", "/clock", { advanceSeconds: seconds });
  }

  link(kyc: Kyc, more = ""): string {
    const back = encodeURIComponent(`${this.base}/healthz`);
    const whom = encodeURIComponent(kyc.customer_identifier);
    const query = `redirect_url=${back}&token_id=${kyc.access_token.id}${more}`;
    return `${this.base}/#/gateway/login/${kyc.id}/r4nd0m/${whom}?${query}`;
  }

  async newestText(to: string): Promise<string> {
    const messages: any = await (await fetch(`${this.base}/sms?to=${encodeURIComponent(to)}`)).json();
    return messages[0]?.text ?? "";
  }
}
