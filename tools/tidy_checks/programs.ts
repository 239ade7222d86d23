// Runs a checker over many files, some at a time.
import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import type { Fault, Tree } from "./tree.ts";

function output(program: string, args: string[], cwd: string): Promise<string> {
  return new Promise((done) => {
    execFile(program, args, { cwd, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error && typeof error.code === "string") done(`${program}:1: cannot be run (${error.code})`);
      else done(stdout + stderr);
    });
  });
}

// Faults are the lines "path:line:…: message" that the program prints, one per path and line.
export async function faultsFrom(
  tree: Tree,
  program: string,
  args: string[],
  paths: string[],
): Promise<Fault[]> {
  if (!tree.root || paths.length === 0) return [];
  const shares = availableParallelism();
  const running = Array.from({ length: shares }, (_, share) => {
    const mine = paths.filter((_, index) => index % shares === share);
    return mine.length === 0 ? Promise.resolve("") : output(program, [...args, ...mine], tree.root!);
  });
  const faults = new Map<string, Fault>();
  for (const text of await Promise.all(running))
    for (const found of text.matchAll(/^([^\s:]+):(\d+):(?:\d+:)? *(?:error: |warning: |note: )?(.*)$/gm))
      faults.set(`${found[1]}:${found[2]}`, {
        path: found[1]!,
        line: Number(found[2]),
        message: found[3]!,
      });
  return [...faults.values()];
}
