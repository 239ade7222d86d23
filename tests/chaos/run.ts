// Kills the server and PostgreSQL in the middle of load, and proves afterwards that nothing was lost.
//   npm run test:chaos                       one round of each fault
//   npm run test:chaos -- --rounds=20        as many
//   npm run test:chaos -- --clients=200 --operations=100000
//                                            that many people, and faults until so much was answered
//   npm run test:chaos -- --seed=123         the same choices again (the timing is the machine's)
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { astrotalk } from "../functional/support/world.ts";

const options = new Map(
  process.argv.slice(2).map((arg) => arg.replace(/^--/, "").split("=") as [string, string]),
);
const known = ["rounds", "clients", "operations", "seed"];
for (const name of options.keys()) {
  if (!known.includes(name)) {
    console.error(`unknown option --${name}; there are ${known.map((each) => `--${each}=N`).join(", ")}`);
    process.exit(2);
  }
}
if (!existsSync(astrotalk)) {
  console.error(`${astrotalk} is not there: build it first (./test does).`);
  process.exit(2);
}
const env = {
  ...process.env,
  ASTROTALK_CHAOS_ROUNDS: options.get("rounds") ?? "1",
  ASTROTALK_CHAOS_CLIENTS: options.get("clients") ?? "12",
  ASTROTALK_CHAOS_OPERATIONS: options.get("operations") ?? "0",
  ASTROTALK_CHAOS_SEED: options.get("seed") ?? String(Date.now() % 1_000_000),
};
const args = ["--no-warnings", "--test", "--test-timeout=5400000", "chaos.test.ts"];
const child = spawn(process.execPath, args, { cwd: import.meta.dirname, env, stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.once("close", (code) => process.exit(code ?? 1));
