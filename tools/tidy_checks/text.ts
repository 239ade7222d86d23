// Words that do not belong in the repository.
import { type Check, type Fault, type Tree, faultsOf, written } from "./tree.ts";

function everywhere(pattern: RegExp, message: (found: string) => string): (tree: Tree) => Fault[] {
  return (tree) => written(tree).flatMap((path) => faultsOf(tree, path, pattern, message));
}

// Put together from pieces, so that this file does not hold what it looks for.
const markers = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "WI" + "P"].join("|");

export const leftovers: Check = {
  name: "leftovers",
  rule: "no marker of unfinished work, no conflict marker, no test left out or run alone",
  run: everywhere(
    new RegExp(
      `\\b(?:${markers})\\b|^(?:<{7}|>{7}) |\\bdebugger;|` +
        "\\b(?:test|it|describe)\\.(?:only|skip)\\b|\\bDISABLED_\\w+|\\bGTEST_" + "SKIP",
    ),
    (found) => `${found.trim()} is left over`,
  ),
};

export const machinePaths: Check = {
  name: "machine-paths",
  rule: "no path of somebody's machine",
  run: everywhere(
    /(?<![\w.$}*-])(\/(?:home|root|work|Users)\/\w[\w./-]*)/,
    (found) => `${found} exists on one machine only`,
  ),
};

const packageHosts = [
  "npm" + "js\\.(?:org|com)",
  "yarn" + "pkg\\.com",
  "(?:deb|security|snapshot|ftp)\\.debian\\.org",
  "node" + "source\\.com",
];

export const hosts: Check = {
  name: "package-hosts",
  rule: "no host of a package registry: which one is used is the machine's setting",
  run(tree) {
    const named = everywhere(
      new RegExp(`\\b(${packageHosts.join("|")})`),
      (found) => `names the package host ${found}`,
    );
    const locked = tree.paths
      .filter((path) => path.endsWith("package-lock.json"))
      .flatMap((path) =>
        faultsOf(tree, path, /"resolved": "(https?:[^"]*)"/, () => "the lockfile names a package host"),
      );
    const chosen = tree.paths
      .filter((path) => path.endsWith(".npmrc"))
      .flatMap((path) =>
        faultsOf(
          tree,
          path,
          /^\s*(registry|cafile|proxy|https-proxy)\s*=/,
          (found) => `${found} is the machine's to set`,
        ),
      );
    return [...named(tree), ...locked, ...chosen];
  },
};

const vague = /(?:^|[/_-])(utils?|helpers?|managers?|common|misc)(?=[/._-]|$)/i;

export const names: Check = {
  name: "names",
  rule: "no file or folder named utils, helpers, manager, common or misc",
  run: (tree) =>
    written(tree)
      .filter((path) => vague.test(path))
      .map((path) => ({
        path,
        line: 1,
        message: `"${vague.exec(path)![1]}" says nothing about what is inside`,
      })),
};
