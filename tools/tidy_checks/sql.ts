// SQL: every statement named and used, time only from the product's own clock.
import { type Check, type Fault, type Tree, faultsOf, isCpp, lineAt } from "./tree.ts";

// A queries.sql as its named blocks; `name` is "" for text that no name precedes.
export function statementsOf(text: string): { name: string; first: number; last: number; body: string }[] {
  const starts = [...text.matchAll(/^-- name: *(.*)$/gm)];
  const blocks = starts.map((start, i) => {
    const end = starts[i + 1]?.index ?? text.length;
    const body = text.slice(start.index, end).trimEnd();
    const first = lineAt(text, start.index + 1);
    return { name: start[1]!.trim(), first, last: first + body.split("\n").length - 1, body };
  });
  const before = text.slice(0, starts[0]?.index ?? text.length);
  const unnamed = withoutComments(before).search(/\S/);
  if (unnamed === -1) return blocks;
  const line = lineAt(before, unnamed + 1);
  return [{ name: "", first: line, last: line, body: before.trim() }, ...blocks];
}

function withoutComments(sql: string): string {
  return sql.replaceAll(/--[^\n]*/g, (found) => " ".repeat(found.length));
}

// Statements after a block's first `;`, outside of quotes.
function hasSecond(body: string): boolean {
  const plain = withoutComments(body).replaceAll(/'(?:''|[^'])*'|\$(\w*)\$[\s\S]*?\$\1\$/g, "''");
  const end = plain.indexOf(";");
  return end !== -1 && plain.slice(end + 1).trim() !== "";
}

function usedNames(tree: Tree, folder: string): Set<string> {
  const used = new Set<string>();
  for (const path of tree.paths.filter((each) => each.startsWith(`${folder}/`) && isCpp(each)))
    for (const found of tree.text(path).matchAll(/\bsql::(\w+)/g)) used.add(found[1]!);
  return used;
}

function faultsIn(tree: Tree, path: string): Fault[] {
  const used = usedNames(tree, path.replace(/\/[^/]*$/, ""));
  const seen = new Set<string>();
  const faults: Fault[] = [];
  for (const { name, first, body } of statementsOf(tree.text(path))) {
    const fault = (message: string) => faults.push({ path, line: first, message });
    if (name === "") fault("a statement without `-- name:`");
    else if (!/^[a-z][a-z0-9_]*$/.test(name)) fault(`"${name}" is not a snake_case name`);
    else if (seen.has(name)) fault(`${name} is there twice`);
    else if (!used.has(name)) fault(`${name} is used nowhere in its folder: no sql::${name}`);
    if (hasSecond(body)) fault(`a second statement follows ${name} without \`-- name:\``);
    seen.add(name);
  }
  return faults;
}

export const statements: Check = {
  name: "statements",
  rule: "every statement of a queries.sql (or …_queries.sql) has a name of its own and is used in its folder",
  run: (tree) =>
    tree.paths.filter((path) => /[/_]queries\.sql$/.test(path)).flatMap((path) => faultsIn(tree, path)),
};

const called = "(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday) *\\(";
const words = "(?:current_(?:timestamp|date|time)|localtime(?:stamp)?)\\b";
const otherClocks = new RegExp(`(?<![\\w.:>])(${called}|${words})`, "i");

// Lines of C++ whose string literals hold SQL that asks another clock.
function inLiterals(text: string): string {
  return text
    .replaceAll(/\/\/[^\n]*/g, "")
    .split("\n")
    .map((line) => (line.match(/"(?:\\.|[^"\\])*"/g) ?? []).join(" "))
    .join("\n");
}

function sqlClockFaults(tree: Tree, path: string): Fault[] {
  const source = tree.text(path);
  const text = path.endsWith(".sql") ? withoutComments(source) : inLiterals(source);
  // app_now itself is where the real clock is read.
  const plain = text.replaceAll(/create function app_now\b[\s\S]*?\$\$[\s\S]*?\$\$/g, (found) =>
    found.replaceAll(/[^\n]/g, " "),
  );
  const message = (found: string) => `${found.replace(/ *\($/, "()")}: SQL tells time by app_now() only`;
  return faultsOf({ ...tree, text: () => plain }, path, otherClocks, message);
}

// The clock itself, the assertions about it, the list of migrations (older than app_now), and the bench.
const exempt = /^bench\/|\/after\.sql$|^server\/src\/(?:core\/clock|pg\/migrate)\.\w+$/;

export const clocks: Check = {
  name: "clocks",
  rule: "SQL tells time by app_now(), C++ by core/clock: only these can be moved by tests",
  run(tree) {
    const sql = tree.paths.filter((path) => path.endsWith(".sql") && !exempt.test(path));
    const cpp = tree.paths.filter(
      (path) => path.startsWith("server/src/") && isCpp(path) && !exempt.test(path),
    );
    const faults = [...sql, ...cpp].flatMap((path) => sqlClockFaults(tree, path));
    for (const path of cpp)
      faults.push(
        ...faultsOf(tree, path, /\bsystem_clock::now\(\)/, () => "wall time comes from core/clock only"),
      );
    return faults;
  },
};
