// clang-format is the slow one, so files that passed once are remembered by their contents in build/.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { faultsFrom } from "./programs.ts";
import { type Check, type Tree, isCpp } from "./tree.ts";

function readPassed(file: string): Set<string> {
  try {
    return new Set(readFileSync(file, "utf8").split("\n"));
  } catch {
    return new Set();
  }
}

export const format: Check = {
  name: "format",
  rule: "C++ is formatted by clang-format 19 and .clang-format (tools/tidy --fix does it)",
  async run(tree: Tree) {
    if (!tree.root) return [];
    const style = tree.text(".clang-format");
    const digest = (path: string) =>
      createHash("sha256").update(style).update(tree.text(path)).digest("hex");
    const memory = resolve(tree.root, "build/tidy-formatted");
    const passed = readPassed(memory);
    const all = tree.paths.filter(isCpp);
    const faults = await faultsFrom(
      tree,
      "clang-format-19",
      ["--dry-run", "-Werror"],
      all.filter((path) => !passed.has(digest(path))),
    );
    const wrong = new Set(faults.map((fault) => fault.path));
    mkdirSync(resolve(tree.root, "build"), { recursive: true });
    writeFileSync(
      memory,
      all
        .filter((path) => !wrong.has(path))
        .map(digest)
        .join("\n"),
    );
    return faults;
  },
};
