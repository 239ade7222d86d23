// Reads server-sent events as an app does: by fetch, with the token in a header.
import assert from "node:assert/strict";
import type { Person } from "./person.ts";
import { until } from "./program.ts";

export interface StreamedEvent {
  id: string;
  event: string;
  data: any;
}

export class EventStream {
  readonly events: StreamedEvent[] = [];
  readonly response: Response;
  ended: "whole" | "cut" | undefined;
  comments = 0;
  #stop: AbortController;

  private constructor(response: Response, stop: AbortController) {
    this.response = response;
    this.#stop = stop;
  }

  static async open(person: Person, options: { base?: string; after?: string } = {}): Promise<EventStream> {
    const stop = new AbortController();
    const headers: Record<string, string> = {
      authorization: `Bearer ${person.tokens!.access}`,
      "x-forwarded-for": person.address,
    };
    if (options.after) headers["last-event-id"] = options.after;
    const address = `${options.base ?? person.place.base}/v1/notifications/stream`;
    const response = await fetch(address, { headers, signal: stop.signal });
    const stream = new EventStream(response, stop);
    if (response.ok) void stream.#read();
    else await response.body?.cancel();
    return stream;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    try {
      const reader = this.response.body!.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        text += decoder.decode(part.value, { stream: true });
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          this.#take(text.slice(0, end));
          text = text.slice(end + 2);
        }
      }
      this.ended = "whole";
    } catch {
      this.ended = "cut";
    }
  }

  #take(block: string): void {
    const fields: Record<string, string> = {};
    for (const line of block.split("\n")) {
      const colon = line.indexOf(": ");
      if (line.startsWith(":")) ++this.comments;
      else fields[line.slice(0, colon)] = line.slice(colon + 2);
    }
    if (fields.data)
      this.events.push({ id: fields.id!, event: fields.event!, data: JSON.parse(fields.data) });
  }

  async has(id: string): Promise<StreamedEvent> {
    await until(`event ${id}`, async () => this.events.some((each) => each.id === id));
    return this.events.find((each) => each.id === id)!;
  }

  async end(): Promise<"whole" | "cut"> {
    await until("the end of the stream", async () => this.ended !== undefined);
    return this.ended!;
  }

  async close(): Promise<void> {
    assert.ok(this.response.ok);
    this.#stop.abort();
    await this.end();
  }
}
