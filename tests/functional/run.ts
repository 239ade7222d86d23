// Runs the functional tests: one PostgreSQL with a migrated template, then every test file in parallel,
// each in a world of its own.
//   npm run test:functional              all
//   npm run test:functional -- booking   only files whose name contains one of the words
// ASTROTALK_BUILD names the build to test (default build/release), ASTROTALK_TEST_JOBS how many files run
// at once.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Authority, authorityVariable } from "./support/certificates.ts";
import { Cluster } from "./support/cluster.ts";
import { astrotalk, clusterVariable, prepareTemplate } from "./support/world.ts";

const words = process.argv.slice(2);
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".test.ts"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort();

function runFiles(cluster: Cluster, authority: Authority): Promise<number> {
  const jobs = process.env.ASTROTALK_TEST_JOBS ?? String(Math.max(2, availableParallelism()));
  const args = ["--no-warnings", "--test", `--test-concurrency=${jobs}`, "--test-timeout=600000", ...files];
  const env = {
    ...process.env,
    [clusterVariable]: cluster.directory,
    [authorityVariable]: authority.directory,
    NODE_EXTRA_CA_CERTS: authority.certificate,
  };
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname, env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)));
}

if (!existsSync(astrotalk)) {
  console.error(`${astrotalk} is not there: build it first (./test does).`);
  process.exit(2);
}
if (files.length === 0) {
  console.error(`no test file's name contains ${words.join(" or ")}`);
  process.exit(2);
}
const authority = await Authority.create();
const cluster = await Cluster.create();
try {
  await prepareTemplate(cluster);
  process.exitCode = await runFiles(cluster, authority);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await cluster.destroy();
  await rm(authority.directory, { recursive: true, force: true });
}
