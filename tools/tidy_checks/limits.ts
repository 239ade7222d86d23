// What a reader can hold: lines of 110 characters, functions of 70 lines, files of 400.
import ts from "typescript";
import { type Check, type Fault, type Tree, isCpp, isShell, lineAt, written } from "./tree.ts";
import { statementsOf } from "./sql.ts";

const longest = { line: 110, function: 70, file: 400 };

interface Span {
  name: string;
  first: number;
  last: number;
}

// C++ with comments, literals and preprocessor lines blanked, line breaks kept.
export function bareCpp(text: string): string {
  const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//.source;
  const literal = /R"(\w*)\([\s\S]*?\)\1"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'/.source;
  const directive = /^[ \t]*#(?:\\\n|[^\n])*/.source;
  const token = new RegExp(`${comment}|${literal}|${directive}`, "gm");
  // A digit separator is no quote: 10'000.
  return text
    .replaceAll(/(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])/g, "_")
    .replaceAll(token, (found) => found.replaceAll(/[^\n]/g, " "));
}

function cppKind(head: string): "container" | "function" | "data" {
  const plain = head.replaceAll(/template\s*<[^;{]*?>\s*(?=\w|\[)/g, "");
  if (/^\s*(?:inline\s+)?(?:namespace|extern)\b/.test(plain)) return "container";
  if (/\b(?:class|struct|union|enum)\b[^()]*$/.test(plain)) return "container";
  return plain.includes("(") && !/=\s*$/.test(plain) ? "function" : "data";
}

export function cppFunctions(source: string): Span[] {
  const text = bareCpp(source);
  const open: { kind: "container" | "function" | "data"; start: number; name: string }[] = [];
  const found: Span[] = [];
  let headStart = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === "{") {
      const head = text.slice(headStart, i);
      const outside = open.every((each) => each.kind === "container");
      const name = /([\w:~]+)\s*\(/.exec(head)?.[1] ?? "";
      open.push({ kind: outside ? cppKind(head) : "data", start: headStart + head.search(/\S|$/), name });
    } else if (c === "}") {
      const block = open.pop();
      if (block?.kind === "function")
        found.push({ name: block.name, first: lineAt(text, block.start + 1), last: lineAt(text, i + 1) });
    }
    // Inside a function only its end matters; between them, where the next head begins.
    if (c === "{" || c === "}" || c === ";") headStart = i + 1;
  }
  return found;
}

function tsFunctions(path: string, text: string): Span[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Span[] = [];
  const visit = (node: ts.Node): void => {
    const suite =
      ts.isCallExpression(node.parent ?? node) && /^(describe|suite)\b/.test(node.parent.getText(source));
    if (ts.isFunctionLike(node) && "body" in node && node.body && !suite) {
      const line = (offset: number) => source.getLineAndCharacterOfPosition(offset).line + 1;
      found.push({
        name: node.name?.getText(source) ?? "a function",
        first: line(node.getStart(source)),
        last: line(node.end),
      });
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}

function shellFunctions(text: string): Span[] {
  return [...text.matchAll(/^(\w+)\(\) \{\n[\s\S]*?^\}$/gm)].map((found) => ({
    name: found[1]!,
    first: lineAt(text, found.index + 1),
    last: lineAt(text, found.index + found[0].length),
  }));
}

function functionsOf(tree: Tree, path: string): Span[] {
  const text = tree.text(path);
  if (isCpp(path)) return cppFunctions(text);
  if (path.endsWith(".ts")) return tsFunctions(path, text);
  if (path.endsWith(".sql")) return path.endsWith("queries.sql") ? statementsOf(text) : [];
  return shellFunctions(text);
}

function isMeasured(tree: Tree, path: string): boolean {
  return /\.(cpp|hpp|ts|sql)$/.test(path) || isShell(tree, path);
}

export const limits: Check = {
  name: "limits",
  rule: "lines of at most 110 characters, functions of 70 lines, files of 400 lines",
  run(tree) {
    const faults: Fault[] = [];
    for (const path of written(tree).filter((each) => isMeasured(tree, each))) {
      const lines = tree.text(path).replace(/\n$/, "").split("\n");
      lines.forEach((text, index) => {
        const length = [...text].length;
        if (length > longest.line)
          faults.push({ path, line: index + 1, message: `${length} characters; at most ${longest.line}` });
      });
      if (lines.length > longest.file)
        faults.push({
          path,
          line: lines.length,
          message: `${lines.length} lines; at most ${longest.file}`,
        });
      for (const { name, first, last } of functionsOf(tree, path))
        if (last - first + 1 > longest.function)
          faults.push({
            path,
            line: first,
            message: `${name} has ${last - first + 1} lines; at most ${longest.function}`,
          });
    }
    return faults;
  },
};
