// Many people sign in within a minute, each once, on a schedule: nobody waits for anybody else's answer.
import type { Bench, Load } from "./bench.ts";
import { failures, stage } from "./bench.ts";
import { loginFlows } from "./flows.ts";
import { residentMegabytes } from "./machine.ts";
import type { Report } from "./report.ts";

const operations = ["InitiateAuth", "RespondToAuthChallenge"];

/** `users` sign in over `seconds`; memory is looked at before, after, and as long after again. */
export async function measureManySignIns(
  bench: Bench,
  report: Report,
  users: number,
  seconds: number,
): Promise<void> {
  const memory = () => residentMegabytes(bench.server.pid!).toFixed(1);
  const resident = [memory()];
  let load!: Load;
  const title = `${users} sign-ins in ${seconds} s`;
  const sample = await stage(title, () =>
    bench.measure(() => {
      const schedule = ["--once", "--rate", `${users / seconds}`, "--seconds", `${2 * seconds}`];
      // More connections than are ever used at once, so that none is waited for.
      const how = ["--connections", "400", "--progress", ...schedule];
      load = bench.load(loginFlows(users, 0, 1), bench.target, ...how);
      return { count: load.flows, seconds: load.seconds, p50: load.whole.p50, p99: load.whole.p99 };
    }),
  );
  resident.push(memory());
  const pause = () => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  await stage(`waiting ${seconds} s to see its memory`, pause);
  resident.push(memory());
  const wrong = failures(load);
  const ended = load.flows === users ? "all without an error" : `only ${load.flows} without an error`;
  const rss = `RSS ${resident.join(" → ")} MB (before, after, ${seconds} s later)`;
  const note = [ended, ...wrong, `late starts ${load.late}`, rss].join(", ");
  report.add(title, { ...sample, note });
  for (const name of operations) {
    const step = load.steps[`cognito:${name}`];
    if (step) report.add(`… ${name} alone`, { ...sample, ...only(step) });
  }
}

// The CPU of one step cannot be told from that of the others.
const only = ({ p50, p99 }: { p50: number; p99: number }) => ({
  p50,
  p99,
  serverCpu: Number.NaN,
  postgresCpu: Number.NaN,
  note: "",
});
