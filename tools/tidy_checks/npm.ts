// npm versions are exact: a range is another program tomorrow.
import { type Check, type Fault, type Tree, lineAt } from "./tree.ts";

const groups = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "overrides"];
const exact = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;

function unpinned(value: unknown, way: string): string[] {
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([name, inner]) => unpinned(inner, name));
  return exact.test(String(value)) ? [] : [`${way} is ${String(value)}; pin an exact version`];
}

function faultsIn(tree: Tree, path: string): Fault[] {
  const text = tree.text(path);
  const manifest = JSON.parse(text) as Record<string, unknown>;
  return groups.flatMap((group) =>
    unpinned(manifest[group] ?? {}, group).map((message) => {
      const at = text.indexOf(`"${message.split(" ")[0]}"`);
      return { path, line: lineAt(text, at + 1), message };
    }),
  );
}

export const npmVersions: Check = {
  name: "npm-versions",
  rule: "every npm version is exact and the lockfile is there",
  run(tree) {
    const manifests = tree.paths.filter((path) => /(^|\/)package\.json$/.test(path));
    const faults = manifests.flatMap((path) => faultsIn(tree, path));
    if (manifests.length > 0 && !tree.paths.includes("package-lock.json"))
      faults.push({ path: "package.json", line: 1, message: "there is no package-lock.json" });
    return faults;
  },
};
