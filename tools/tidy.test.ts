// Every check of tools/tidy finds a fault planted for it, and nothing in a tree without one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { phoneRules, place } from "./phone_rules.ts";
import { documentation } from "./tidy_checks/documentation.ts";
import { format } from "./tidy_checks/format.ts";
import { cycles, edges, headers } from "./tidy_checks/includes.ts";
import { cppFunctions, limits } from "./tidy_checks/limits.ts";
import { npmVersions } from "./tidy_checks/npm.ts";
import { shell } from "./tidy_checks/shell.ts";
import { clocks, statements } from "./tidy_checks/sql.ts";
import { hosts, leftovers, machinePaths, names } from "./tidy_checks/text.ts";
import { type Check, type Tree, treeOf } from "./tidy_checks/tree.ts";

const library = (name: string, ...edges: string[]) => `astrotalk_library(${name} ${edges.join(" ")})\n`;
const folders = {
  "server/src/core/CMakeLists.txt": library("core", "Threads::Threads"),
  "server/src/pg/CMakeLists.txt": library("pg", "core", "PkgConfig::PQ"),
  "server/src/wallet/CMakeLists.txt": library("wallet", "core", "pg"),
  "server/src/booking/CMakeLists.txt": library("booking", "core", "pg", "wallet"),
};
const manyLines = (count: number, line = "    go();\n") => line.repeat(count);

// `found` are the planted faults as "path:line".
async function finds(check: Check, files: Record<string, string>, ...found: string[]): Promise<void> {
  const faults = await check.run(treeOf(files));
  assert.deepEqual(
    faults.map((fault) => `${fault.path}:${fault.line}`),
    found,
    faults.map((fault) => fault.message).join("\n"),
  );
}

test("edges: an include that the folder does not declare", async () => {
  const ok = {
    ...folders,
    "server/src/booking/book.cpp": '#include "pg/pg.hpp"\n#include "booking/domain.hpp"\n',
  };
  await finds(edges, ok);
  await finds(
    edges,
    { ...ok, "server/src/pg/pool.cpp": '\n#include "wallet/wallet.hpp"\n' },
    "server/src/pg/pool.cpp:2",
  );
});

test("edges: a feature entered otherwise than by its header", async () => {
  const files = {
    ...folders,
    "server/src/booking/book.cpp": '#include "wallet/wallet.hpp"\n#include "wallet/domain.hpp"\n',
  };
  await finds(edges, files, "server/src/booking/book.cpp:2");
  await finds(
    edges,
    { ...folders, "server/src/app.cpp": '#include "wallet/queries.hpp"\n' },
    "server/src/app.cpp:1",
  );
});

test("edges: only the composition root gathers what features keep about people", async () => {
  const line = '#include "wallet/personal_data.hpp"\n';
  await finds(edges, { ...folders, "server/src/personal_data.cpp": line });
  await finds(edges, { ...folders, "server/src/booking/book.cpp": line }, "server/src/booking/book.cpp:1");
});

test("edges: the sandbox using a feature", async () => {
  await finds(
    edges,
    { ...folders, "sandbox/main.cpp": '#include "wallet/wallet.hpp"\n' },
    "sandbox/main.cpp:1",
  );
});

test("cycles: edges that lead back", async () => {
  await finds(cycles, folders);
  const back = { ...folders, "server/src/wallet/CMakeLists.txt": library("wallet", "booking") };
  await finds(cycles, back, "server/src/wallet/CMakeLists.txt:1", "server/src/booking/CMakeLists.txt:1");
});

test("cycles: plumbing on top of a feature", async () => {
  const wrong = {
    ...folders,
    "server/src/core/CMakeLists.txt": library("core"),
    "server/src/pg/CMakeLists.txt": library("pg", "wallet"),
  };
  const upward = { ...wrong, "server/src/wallet/CMakeLists.txt": library("wallet", "core") };
  await finds(cycles, upward, "server/src/pg/CMakeLists.txt:1");
});

test("headers: no comment, no guard", async () => {
  await finds(headers, { "a.hpp": "// What a is.\n#pragma once\n" });
  await finds(headers, { "a.hpp": "int a;\n" }, "a.hpp:1", "a.hpp:1");
});

test("limits: a long line, counted in characters", async () => {
  await finds(
    limits,
    { "a.ts": `// ${"ह".repeat(107)}\n`, "b.sql": `\n-- ${"x".repeat(108)}\n` },
    "b.sql:2",
  );
});

test("limits: a long file", async () => {
  await finds(limits, { "a.cpp": "int a;\n".repeat(400) });
  await finds(limits, { "a.cpp": "int a;\n".repeat(401) }, "a.cpp:401");
});

test("limits: a long function in C++, TypeScript, shell and SQL", async () => {
  const inside = (count: number) =>
    `namespace a {\nclass b {\n  void c() const {\n${manyLines(count)}  }\n};\n}\n`;
  await finds(limits, { "a.cpp": inside(68) });
  await finds(limits, { "a.cpp": inside(69) }, "a.cpp:3");
  await finds(limits, { "a.ts": `\nfunction a() {\n${manyLines(69)}}\n` }, "a.ts:2");
  await finds(limits, { "a.sh": `a() {\n${manyLines(69)}}\n` }, "a.sh:1");
  await finds(limits, { "a/queries.sql": `-- name: a\n${manyLines(70, "select\n")}` }, "a/queries.sql:1");
});

test("limits: what looks like a function in C++ and is none", () => {
  const table = `const route table[] = {\n${manyLines(90, "    {1, f(2)},\n")}};\n`;
  const begin = `// void f() {\nconst char* a = "}{(";\nauto b = R"x(\n{{(\n)x";\n`;
  const text = `${begin}int c = 1'000;\nchar d = '{';\n`;
  assert.deepEqual(cppFunctions(table + text), []);
  const two = "template <class T>\nvoid a() {\n}\ntask<int> b(int c) noexcept\n{\n    if (c) {\n    }\n}\n";
  assert.deepEqual(
    cppFunctions(text + two).map(({ name, first, last }) => [name, first, last]),
    [
      ["a", 8, 10],
      ["b", 11, 15],
    ],
  );
});

test("leftovers: markers, conflicts, tests run alone", async () => {
  const files = {
    "a.md": "A " + "TO" + "DO: b\n",
    "b.cpp": "<".repeat(7) + " ours\n",
    "c.test.ts": "test." + 'only("a")\n',
    "e_test.cpp": "GTEST_" + "SKIP();\n",
  };
  await finds(
    leftovers,
    { ...files, "d.md": "mkdtemp XXXXXX, hacks, todos\n" },
    "a.md:1",
    "b.cpp:1",
    "c.test.ts:1",
    "e_test.cpp:1",
  );
});

test("names: a drawer", async () => {
  await finds(
    names,
    { "server/src/core/utils.hpp": "", "a/common/b.ts": "", "a/communal.ts": "" },
    "a/common/b.ts:1",
    "server/src/core/utils.hpp:1",
  );
});

test("npm-versions: ranges and a missing lockfile", async () => {
  const manifest = (version: string) => ({
    "package.json": `{"dependencies":\n{"a": "${version}"}}`,
    "package-lock.json": "{}",
  });
  await finds(npmVersions, manifest("1.2.3"));
  await finds(npmVersions, manifest("^1.2.3"), "package.json:2");
  await finds(npmVersions, manifest("*"), "package.json:2");
  await finds(npmVersions, { "package.json": "{}" }, "package.json:1");
});

test("machine-paths: somebody's folders", async () => {
  const home = "/ho" + "me/ravi/astrotalk";
  await finds(
    machinePaths,
    { "a.md": `see ${home}\n`, "b.md": "a checkout in /root, /tmp/x, tests/home/a\n" },
    "a.md:1",
  );
});

test("package-hosts: registries in text, lockfile and settings", async () => {
  const registry = "https://registry.npm" + "js.org/a.tgz";
  await finds(hosts, { "a.md": `${registry}\n` }, "a.md:1");
  await finds(
    hosts,
    { "package-lock.json": `{\n"resolved": "https://mirror/a.tgz"\n}` },
    "package-lock.json:2",
  );
  await finds(hosts, { ".npmrc": "fund=false\nregistry=https://mirror\n" }, ".npmrc:2");
});

test("clocks: SQL and C++ that read another clock", async () => {
  const own = "create function app_now() returns timestamptz language sql as\n$$ select now() $$;\n";
  await finds(clocks, { "server/migrations/1/up.sql": `${own}-- not now()\nselect app_now();\n` });
  await finds(clocks, { "a/queries.sql": "select 1\nwhere at < now();\n" }, "a/queries.sql:2");
  await finds(clocks, { "a/up.sql": "at timestamptz default current_timestamp\n" }, "a/up.sql:1");
  const cpp = '// "now()"\nauto a = clock::now();\ndb.execute("select now()");\nsystem_clock::now();\n';
  await finds(clocks, { "server/src/a/b.cpp": cpp }, "server/src/a/b.cpp:3", "server/src/a/b.cpp:4");
});

test("statements: unnamed, unused, twice, two under one name", async () => {
  const used = { "a/a.cpp": "co_await db.read(sql::find, sql::store);\n" };
  await finds(statements, {
    ...used,
    "a/queries.sql": "-- Why.\n\n-- name: find\nselect ';';\n\n-- name: store\nselect 2;\n",
  });
  await finds(
    statements,
    { ...used, "a/queries.sql": "select 1;\n-- name: find\nselect 1;\n" },
    "a/queries.sql:1",
  );
  await finds(statements, { ...used, "a/queries.sql": "-- name: other\nselect 1;\n" }, "a/queries.sql:1");
  await finds(statements, { ...used, "a/find_queries.sql": "-- name: find\nselect 1;\n" });
  await finds(
    statements,
    { ...used, "a/queries.sql": "-- name: find\nselect 1;\n-- name: find\nselect 1;\n" },
    "a/queries.sql:3",
  );
  await finds(
    statements,
    { ...used, "a/queries.sql": "-- name: find\nselect 1;\nselect 2;\n" },
    "a/queries.sql:1",
  );
});

test("documentation: tests and files that do not exist", async () => {
  const files = { "server/src/a/b_test.cpp": "", "tests/functional/c.test.ts": "" };
  await finds(documentation, {
    ...files,
    "README.md": "b_test.cpp, `tests/functional/c.test.ts`, *.test.ts, `server/src/`\n",
  });
  await finds(documentation, { ...files, "README.md": "\nsee d_pgtest.cpp\n" }, "README.md:2");
  await finds(documentation, { ...files, "a.hpp": "// tests/functional/d.test.ts shows it\n" }, "a.hpp:1");
  await finds(
    documentation,
    { ...files, "README.md": "`server/src/none.cpp` [a](tests/x.md)\n" },
    "README.md:1",
    "README.md:1",
  );
});

// The two that run programs see real files.
async function onDisk(check: Check, name: string, text: string): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), "tidy-"));
  try {
    for (const [path, content] of [
      [name, text],
      [".clang-format", "BasedOnStyle: Google\n"],
    ] as const)
      writeFileSync(join(root, path), content);
    const tree: Tree = { ...treeOf({ [name]: text, ".clang-format": "" }), root };
    return (await check.run(tree)).length;
  } finally {
    rmSync(root, { recursive: true });
  }
}

test("shell: what shellcheck refuses", async () => {
  assert.equal(await onDisk(shell, "a.sh", '#!/bin/bash\necho "$1"\n'), 0);
  assert.equal(await onDisk(shell, "a.sh", "#!/bin/bash\nrm $1\n"), 1);
});

test("format: what clang-format would change", async () => {
  assert.equal(await onDisk(format, "a.cpp", "int main() { return 0; }\n"), 0);
  assert.equal(await onDisk(format, "a.cpp", "int main( ){return 0;}\n"), 1);
});

test("phone rules: the checked-in table is what its generator makes of the pinned package", () => {
  assert.equal(readFileSync(join(import.meta.dirname, "..", place), "utf8"), phoneRules());
});
