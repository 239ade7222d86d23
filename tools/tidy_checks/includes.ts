// Who may include whom. A folder's edges are the arguments of its astrotalk_library(NAME dependencies…).
import { type Check, type Fault, type Tree, faultsOf, isCpp } from "./tree.ts";

const features = new Set([
  "identity",
  "onboarding",
  "directory",
  "wallet",
  "booking",
  "consultation",
  "notification",
  "privacy",
  "administration",
  "reviews",
  "social",
]);
const plumbing = new Set(["core", "pg", "http", "jobs", "crypto", "telemetry", "redis", "aws", "storage"]);

function declaredEdges(tree: Tree): Map<string, string[]> {
  const edges = new Map<string, string[]>();
  for (const path of tree.paths) {
    const folder = /^server\/src\/(\w+)\/CMakeLists\.txt$/.exec(path)?.[1];
    if (!folder) continue;
    const call = /astrotalk_library\(\s*(\w+)([^)]*)\)/.exec(tree.text(path).replaceAll(/#.*$/gm, ""));
    edges.set(folder, call ? call[2]!.split(/\s+/).filter((word) => /^\w+$/.test(word)) : []);
  }
  return edges;
}

function includesOf(tree: Tree, path: string): { target: string; line: number }[] {
  const found: { target: string; line: number }[] = [];
  tree
    .text(path)
    .split("\n")
    .forEach((text, index) => {
      const target = /^\s*#\s*include\s+"([^"]+)"/.exec(text)?.[1];
      if (target) found.push({ target, line: index + 1 });
    });
  return found;
}

function refusal(path: string, target: string, declared: Map<string, string[]>): string | undefined {
  const [to, file] = [target.split("/")[0]!, target.split("/").slice(1).join("/")];
  const from = /^server\/src\/(\w+)\//.exec(path)?.[1];
  if (file === "" || !declared.has(to) || from === to) return undefined;
  if (from && !declared.get(from)?.includes(to))
    return `${from} includes ${to}, an edge its CMakeLists.txt does not declare`;
  const foreign = /^(sandbox|bench|tools)\//.test(path);
  if (foreign && features.has(to))
    return `${path.split("/")[0]} stands outside the server: it may not use ${to}`;
  // Fuzz targets aim at inner parts, and two tests go through every feature's statements.
  const inside = /^server\/(fuzz\/|src\/(statements_pgtest|account_end_\w+)\.[ch]pp$)/.test(path);
  // Only the composition root gathers what features keep about people; registering rebuilds nothing else.
  const gathered = path.startsWith("server/src/") && !from && file === "personal_data.hpp";
  if (features.has(to) && file !== `${to}.hpp` && !inside && !gathered)
    return `${to} is entered only through ${to}/${to}.hpp, not ${target}`;
  return undefined;
}

export const edges: Check = {
  name: "edges",
  rule: "no #include between folders that the including folder's CMakeLists.txt does not declare",
  run(tree) {
    const declared = declaredEdges(tree);
    const faults: Fault[] = [];
    for (const path of tree.paths.filter(isCpp))
      for (const { target, line } of includesOf(tree, path)) {
        const message = refusal(path, target, declared);
        if (message) faults.push({ path, line, message });
      }
    return faults;
  },
};

export const cycles: Check = {
  name: "cycles",
  rule: "app → features → plumbing → core: edges never lead back, nor from plumbing to a feature",
  run(tree) {
    const declared = declaredEdges(tree);
    const faults: Fault[] = [];
    const fault = (folder: string, message: string) =>
      faults.push({ path: `server/src/${folder}/CMakeLists.txt`, line: 1, message });
    const walk = (folder: string, way: string[]): void => {
      for (const next of declared.get(folder) ?? []) {
        if (next === way[0]) fault(folder, `a cycle: ${[...way, next].join(" → ")}`);
        else if (!way.includes(next)) walk(next, [...way, next]);
      }
    };
    for (const [folder, targets] of declared) {
      walk(folder, [folder]);
      for (const target of targets)
        if (features.has(target) && plumbing.has(folder))
          fault(folder, `plumbing may not depend on ${target}`);
    }
    return faults;
  },
};

export const headers: Check = {
  name: "headers",
  rule: "every header says #pragma once and begins with a comment that says what it is for",
  run(tree) {
    const faults: Fault[] = [];
    for (const path of tree.paths.filter((each) => each.endsWith(".hpp"))) {
      if (!tree.text(path).startsWith("//"))
        faults.push({ path, line: 1, message: "begins without a comment" });
      if (faultsOf(tree, path, /^#pragma once$/, String).length !== 1)
        faults.push({ path, line: 1, message: "no #pragma once" });
    }
    return faults;
  },
};
