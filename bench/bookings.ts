// Holds and bookings beside the plainest SQL that makes the same rows, and everybody after one slot.
import type { Bench, Target } from "./bench.ts";
import { holdFlows } from "./flows.ts";
import type { Report } from "./report.ts";

/** Whose bookings are measured: a server, its database, and what its rows are called in the report. */
export interface Booked {
  target: Target;
  url: string;
  row: (name: string) => string;
  flows: { bookings: string[]; hot: string[] };
  users: number;
}

/** Each round has its own part of the slots, the users' sign-ins and the reference's serial numbers. */
export function part(flows: string[], n: number, of: number): string[] {
  return flows.slice(Math.floor((n * flows.length) / of), Math.floor(((n + 1) * flows.length) / of));
}

export async function measureBookings(
  bench: Bench,
  on: Booked,
  report: Report,
  round: number,
  rounds: number,
): Promise<void> {
  const { flows, row } = on;
  const serial = (n: number) => ["-D", `n=${n * 100_000}`];
  // No more than there are users, so that each has one hold.
  const share = (n: number) => part(flows.bookings, n, 2 * rounds).slice(0, on.users);
  const measured = (label: string, lines: string[]) => {
    bench.reset(on.url);
    return bench.flows(label, lines, 32, ["--once"], on.target);
  };
  report.add(row("hold: pgbench"), await bench.pgbench("hold.sql", 32, ...serial(2 * round)));
  report.add(row("hold"), await measured("POST /v1/holds", holdFlows(share(round))));
  report.add(row("hold + book: pgbench"), await bench.pgbench("book.sql", 32, ...serial(2 * round + 1)));
  report.add(row("hold + book"), await measured("POST /v1/bookings", share(rounds + round)));
  report.add(row("hot slot: pgbench"), await bench.pgbench("hot_slot.sql", 32));
  report.add(row("hot slot"), await measured("POST /v1/holds", part(flows.hot, round, rounds)));
}
