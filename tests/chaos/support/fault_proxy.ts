// A line that breaks: passes bytes between its clients and a server and, while `breaking`, cuts each
// connection after as many bytes as its seed says, wherever that is in a request or an answer.
import {
  createServer,
  connect,
  type ListenOptions,
  type NetConnectOpts,
  type Server,
  type Socket,
} from "node:net";
import type { Random } from "./random.ts";

export interface Budget {
  least: number; // bytes, both directions
  most: number;
}

export class FaultProxy {
  breaking = false;
  cuts = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: NetConnectOpts, random: Random, { least, most }: Budget) {
    this.#server = createServer((near) => {
      const far = connect(target);
      const ends = [near, far];
      // Small budgets are as likely as large ones, so that whatever a connection is at is cut some time.
      let left = least * (most / least) ** random();
      const cut = () => {
        for (const end of ends) {
          this.#sockets.delete(end);
          end.destroy();
        }
      };
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on("data", (chunk) => {
          if (this.breaking) left -= chunk.length;
          const torn = left < 0;
          if (!to.write(torn ? chunk.subarray(0, chunk.length / 2) : chunk)) from.pause();
          if (!torn) return;
          ++this.cuts;
          cut();
        });
        to.on("drain", () => from.resume());
        from.on("end", () => to.end());
        from.on("error", cut);
        from.on("close", cut);
      }
    });
  }

  static async listen(
    on: ListenOptions,
    target: NetConnectOpts,
    random: Random,
    budget: Budget,
  ): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, random, budget);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(on, resolve);
    });
    return proxy;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
