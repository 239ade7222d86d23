// What a check sees: the files that git tracks or would track, and their text. Tests make trees by hand.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

export interface Fault {
  path: string;
  line: number;
  message: string;
}

export interface Tree {
  paths: string[];
  text(path: string): string;
  root?: string; // absent in trees made by hand
}

export interface Check {
  name: string;
  rule: string;
  run(tree: Tree): Fault[] | Promise<Fault[]>;
}

export function workTree(): Tree {
  const root = resolve(import.meta.dirname, "../..");
  const listed = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  const paths = [...new Set(listed.split("\0"))].filter(
    (path) => path !== "" && existsSync(resolve(root, path)),
  );
  const texts = new Map<string, string>();
  const text = (path: string): string => {
    if (!texts.has(path)) texts.set(path, readFileSync(resolve(root, path), "utf8"));
    return texts.get(path)!;
  };
  return { paths: paths.sort(), text, root };
}

export function treeOf(files: Record<string, string>): Tree {
  return { paths: Object.keys(files).sort(), text: (path) => files[path] ?? "" };
}

const binary = /\.(png|jpe?g|gif|ico|woff2?|pdf|gz|zip)$/;

// Files that people write; not the lockfile, which npm does.
export function written(tree: Tree): string[] {
  return tree.paths.filter(
    (path) => !binary.test(path) && !path.endsWith("package-lock.json") && path !== "LICENSE",
  );
}

export function isCpp(path: string): boolean {
  return /\.(cpp|hpp)$/.test(path);
}

export function isShell(tree: Tree, path: string): boolean {
  return /\.sh$/.test(path) || (!/\.\w+$/.test(path) && /^#!\/bin\/(ba)?sh\b/.test(tree.text(path)));
}

// One fault for each line that matches.
export function faultsOf(
  tree: Tree,
  path: string,
  pattern: RegExp,
  message: (found: string) => string,
): Fault[] {
  const faults: Fault[] = [];
  tree
    .text(path)
    .split("\n")
    .forEach((text, index) => {
      const found = pattern.exec(text);
      if (found) faults.push({ path, line: index + 1, message: message(found[1] ?? found[0]) });
    });
  return faults;
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i !== -1 && i < offset; i = text.indexOf("\n", i + 1)) line++;
  return line;
}
