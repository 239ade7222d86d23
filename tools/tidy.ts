// The house rules that no compiler checks. Every check has a planted fault in tidy.test.ts that it must find.
import { format } from "./tidy_checks/format.ts";
import { documentation } from "./tidy_checks/documentation.ts";
import { cycles, edges, headers } from "./tidy_checks/includes.ts";
import { limits } from "./tidy_checks/limits.ts";
import { npmVersions } from "./tidy_checks/npm.ts";
import { shell } from "./tidy_checks/shell.ts";
import { clocks, statements } from "./tidy_checks/sql.ts";
import { hosts, leftovers, machinePaths, names } from "./tidy_checks/text.ts";
import { type Check, workTree } from "./tidy_checks/tree.ts";

const checks: Check[] = [
  edges,
  cycles,
  headers,
  limits,
  leftovers,
  names,
  npmVersions,
  machinePaths,
  hosts,
  clocks,
  statements,
  documentation,
  shell,
  format,
];

const words = process.argv.slice(2);
if (words.includes("--list")) {
  for (const check of checks) console.log(`${check.name.padEnd(16)}${check.rule}`);
  process.exit(0);
}
const chosen = checks.filter((check) => words.length === 0 || words.includes(check.name));
const unknown = words.filter((word) => !checks.some((check) => check.name === word));
if (unknown.length > 0) {
  console.error(`There is no check ${unknown.join(", ")}; tools/tidy --list names them.`);
  process.exit(2);
}

const tree = workTree();
let failed = 0;
for (const check of chosen) {
  const faults = await check.run(tree);
  for (const fault of faults) console.log(`${fault.path}:${fault.line}: ${fault.message} [${check.name}]`);
  if (faults.length > 0) failed++;
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
