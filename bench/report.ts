// What was measured, as lines while it runs and as a Markdown table at the end.
import { median } from "./machine.ts";

export interface Sample {
  rate: number;
  p50: number;
  p99: number;
  serverCpu: number;
  postgresCpu: number;
  note: string;
}

export const say = (text: string) => process.stderr.write(`${text}\n`);

export class Report {
  readonly #results = new Map<string, Sample[]>();

  add(name: string, sample: Sample): Sample {
    const { rate, serverCpu, postgresCpu, note } = sample;
    const cpu = `server ${serverCpu.toFixed(1)} µs, postgres ${postgresCpu.toFixed(1)} µs`;
    say(`${name}: ${rate.toFixed(0)}/s, ${cpu} ${note}`);
    this.#results.set(name, [...(this.#results.get(name) ?? []), sample]);
    return sample;
  }

  markdown(): string {
    const head = ["", "per second", "p50 / p99 ms", "server CPU µs", "PostgreSQL CPU µs", "notes"];
    const rows = [...this.#results].map(([name, samples]) => this.#row(name, samples));
    return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  }

  #row(name: string, samples: Sample[]): string[] {
    const middle = (pick: (s: Sample) => number, digits: number) => {
      const value = median(samples.map(pick));
      return Number.isNaN(value) ? "–" : value.toFixed(digits);
    };
    const latency = `${middle((s) => s.p50 / 1000, 2)} / ${middle((s) => s.p99 / 1000, 2)}`;
    const cpu = [middle((s) => s.serverCpu, 1), middle((s) => s.postgresCpu, 1)];
    const notes = [...new Set(samples.map((s) => s.note).filter(Boolean))].join("; ");
    return [name, middle((s) => s.rate, 0), latency, ...cpu, notes];
  }
}
