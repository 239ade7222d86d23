// What the documents and comments name must exist: tests, and files of this repository.
import { type Check, type Fault, type Tree, faultsOf, written } from "./tree.ts";

const testFile = /(?<![\w*<{])((?:[\w-]+\/)*[\w-]+(?:_(?:pg)?test\.cpp|\.test\.ts))\b/;

function testExists(tree: Tree, name: string): boolean {
  return tree.paths.some((path) => path === name || path.endsWith(`/${name}`));
}

function missingTests(tree: Tree, path: string): Fault[] {
  return faultsOf(tree, path, testFile, (found) => found)
    .filter((fault) => !testExists(tree, fault.message))
    .map((fault) => ({ ...fault, message: `there is no test ${fault.message}` }));
}

// `folder/file` in backticks or as a link's target, where the folder is one of ours.
function missingFiles(tree: Tree, path: string): Fault[] {
  const top = new Set(tree.paths.filter((each) => each.includes("/")).map((each) => each.split("/")[0]!));
  const faults: Fault[] = [];
  tree
    .text(path)
    .split("\n")
    .forEach((text, index) => {
      for (const [, named] of text.matchAll(/(?:`|\]\()([\w.-]+\/[\w./-]*)(?=`|\)|#| )/g)) {
        const plain = named!.replace(/^\.\//, "").replace(/\/$/, "");
        if (!top.has(plain.split("/")[0]!)) continue;
        if (!tree.paths.some((each) => each === plain || each.startsWith(`${plain}/`)))
          faults.push({ path, line: index + 1, message: `there is no ${named}` });
      }
    });
  return faults;
}

export const documentation: Check = {
  name: "documentation",
  rule: "tests and files that documents and comments name exist",
  run(tree) {
    const prose = written(tree).filter((path) => /\.(md|hpp|sql)$/.test(path));
    const documents = prose.filter((path) => path.endsWith(".md"));
    return [
      ...prose.flatMap((path) => missingTests(tree, path)),
      ...documents.flatMap((path) => missingFiles(tree, path)),
    ];
  },
};
