// Runs the browser tests: Debian's Chromium by Playwright, at the width of a small phone.
//   npm run test:browser              all
//   npm run test:browser -- gateway   only files whose name contains one of the words
// ASTROTALK_SCREENSHOTS names a folder in which a picture of every screen is left.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chromiumProgram } from "./support/phone.ts";
import { sandboxProgram } from "./support/sandbox.ts";

const words = process.argv.slice(2);
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".test.ts"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort();
for (const [program, advice] of [
  [sandboxProgram, "build it first (./test does)"],
  [chromiumProgram, "tools/install brings it"],
] as const) {
  if (!existsSync(program)) {
    console.error(`${program} is not there: ${advice}.`);
    process.exit(2);
  }
}
if (files.length === 0) {
  console.error(`no test file's name contains ${words.join(" or ")}`);
  process.exit(2);
}
const args = ["--no-warnings", "--test", "--test-concurrency=1", "--test-timeout=600000", ...files];
const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.once("close", (code) => process.exit(code ?? 1));
