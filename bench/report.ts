// What was measured, as lines while it runs and as a Markdown table at the end.
import { median } from "./machine.ts";

export interface Sample {
  rate: number;
  p50: number;
  p99: number;
  serverCpu: number;
  postgresCpu: number;
  /** What of the server's CPU was its first thread's: work after the answer, as handing messages over. */
  background?: number;
  note: string;
}

export const say = (text: string) => process.stderr.write(`${text}\n`);

/** A dash for what was not measured; small numbers keep three digits, because nanoseconds are among them. */
const figure = (value: number, digits = Math.abs(value) < 10 && value !== 0 ? 3 : 1) =>
  Number.isNaN(value) ? "–" : value.toFixed(digits);

/** A Markdown table. */
export const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

export class Report {
  readonly #results = new Map<string, Sample[]>();

  add(name: string, sample: Sample): Sample {
    const { rate, serverCpu, postgresCpu, note } = sample;
    const cpu = `server ${figure(serverCpu)} µs, postgres ${figure(postgresCpu)} µs`;
    say(`${name}: ${rate.toFixed(0)}/s, ${cpu} ${note}`);
    this.#results.set(name, [...(this.#results.get(name) ?? []), sample]);
    return sample;
  }

  /** The medians of a row; undefined where nothing was measured. */
  middle(name: string): Required<Omit<Sample, "note">> | undefined {
    const samples = this.#results.get(name);
    if (!samples) return undefined;
    const of = (pick: (s: Sample) => number) => median(samples.map(pick));
    return {
      rate: of((s) => s.rate),
      p50: of((s) => s.p50),
      p99: of((s) => s.p99),
      serverCpu: of((s) => s.serverCpu),
      postgresCpu: of((s) => s.postgresCpu),
      background: of((s) => s.background ?? Number.NaN),
    };
  }

  markdown(): string {
    const head = ["", "per second", "p50 / p99 ms", "server CPU µs", "PostgreSQL CPU µs", "notes"];
    const rows = [...this.#results].map(([name, samples]) => this.#row(name, samples));
    return table(head, rows);
  }

  #row(name: string, samples: Sample[]): string[] {
    const middle = (pick: (s: Sample) => number, digits?: number) =>
      figure(median(samples.map(pick)), digits);
    const latency = `${middle((s) => s.p50 / 1000, 2)} / ${middle((s) => s.p99 / 1000, 2)}`;
    const cpu = [middle((s) => s.serverCpu), middle((s) => s.postgresCpu)];
    const notes = [...new Set(samples.map((s) => s.note).filter(Boolean))].join("; ");
    return [name, middle((s) => s.rate, 0), latency, ...cpu, notes];
  }
}
