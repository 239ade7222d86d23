// Writes the contract as one HTML page without scripts or anything from elsewhere: npm run docs-page.
// The page is kept beside the server, which embeds it and needs no node to be built; a test says when it is
// behind.
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";

type Json = Record<string, any>;

const contract: Json = parse(readFileSync(new URL("openapi.yaml", import.meta.url), "utf8"));

const escape = (text: unknown) =>
  String(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

// The little of Markdown that the contract uses: paragraphs, bold and code.
function prose(text: string | undefined): string {
  if (!text) return "";
  const inline = (part: string) =>
    escape(part)
      .replaceAll(/\*\*(.+?)\*\*/g, "<b>$1</b>")
      .replaceAll(/`(.+?)`/g, "<code>$1</code>");
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => `<p>${inline(paragraph)}</p>`)
    .join("\n");
}

function resolve(value: Json): Json {
  if (!value?.$ref) return value;
  return value.$ref
    .slice(2)
    .split("/")
    .reduce((at: Json, key: string) => at[key], contract);
}

const nameOf = (ref: string) => ref.split("/").at(-1)!;
const link = (ref: string) => `<a href="#schema-${nameOf(ref)}">${nameOf(ref)}</a>`;

function bounds(schema: Json): string {
  const said: string[] = [];
  if (schema.format) said.push(schema.format);
  if (schema.minimum !== undefined || schema.maximum !== undefined) {
    said.push(`${schema.minimum ?? ""} to ${schema.maximum ?? ""}`.trim());
  }
  if (schema.minLength !== undefined || schema.maxLength !== undefined) {
    said.push(`${schema.minLength ?? 0} to ${schema.maxLength ?? "any number of"} characters`);
  }
  if (schema.maxItems !== undefined) said.push(`at most ${schema.maxItems}`);
  if (schema.pattern) said.push(`like ${schema.pattern}`);
  if (schema.default !== undefined) said.push(`${schema.default} when absent`);
  return said.length ? ` <small>${escape(said.join(", "))}</small>` : "";
}

function typeOf(schema: Json): string {
  if (schema.$ref) return link(schema.$ref);
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(" or ");
  if (schema.const !== undefined) return `<code>${escape(schema.const)}</code>`;
  if (schema.enum) return schema.enum.map((each: unknown) => `<code>${escape(each)}</code>`).join(" ");
  if (schema.type === "array") return `array of ${typeOf(schema.items)}${bounds(schema)}`;
  return `${schema.type ?? "any"}${bounds(schema)}`;
}

function members(schema: Json): string {
  const required = new Set<string>(schema.required ?? []);
  const rows = Object.entries<Json>(schema.properties ?? {}).map(([name, each]) => {
    const optional = required.has(name) || schema.allOf ? "" : " <small>optional</small>";
    const description = each.description ? `<br>${escape(each.description)}` : "";
    return `<tr><td><code>${escape(name)}</code>${optional}</td><td>${typeOf(each)}${description}</td></tr>`;
  });
  return rows.length ? `<table>\n${rows.join("\n")}\n</table>` : `<p>${typeOf(schema)}</p>`;
}

function parameters(operation: Json, item: Json): string {
  const all = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve);
  if (all.length === 0) return "";
  const rows = all.map((each) => {
    const optional = each.required ? "" : " <small>optional</small>";
    const description = each.description ? `<br>${escape(each.description)}` : "";
    const name = `<code>${escape(each.name)}</code> <small>${each.in}</small>${optional}`;
    return `<tr><td>${name}</td><td>${typeOf(each.schema)}${description}</td></tr>`;
  });
  return `<h4>Parameters</h4>\n<table>\n${rows.join("\n")}\n</table>`;
}

function contentOf(part: Json): string {
  return Object.entries<Json>(part.content ?? {})
    .map(([type, { schema }]) => `${typeOf(schema)} <small>${escape(type)}</small>`)
    .join(" ");
}

// The codes that a response may carry, found in its schema.
function codesOf(schema: Json | undefined): string[] {
  if (!schema) return [];
  const own = resolve(schema);
  const code = own.properties?.code;
  const here = code?.const ? [code.const] : (code?.enum ?? []);
  return [...here, ...(own.oneOf ?? []).flatMap(codesOf)];
}

function responses(operation: Json): string {
  const rows = Object.entries<Json>(operation.responses).map(([status, reference]) => {
    const response = resolve(reference);
    const problem = response.content?.["application/problem+json"]?.schema;
    const codes = codesOf(problem).map((code) => `<code>${code}</code>`);
    const shown = problem ? codes.join(" ") : contentOf(response);
    return `<tr><td>${status}</td><td>${escape(response.description)} ${shown}</td></tr>`;
  });
  return `<h4>Answers</h4>\n<table>\n${rows.join("\n")}\n</table>`;
}

const whoMay: Record<string, string> = {
  anyone: "anyone",
  signed_in: "whoever is signed in",
  astrologer: "astrologers",
  support: "support and administrators",
  admin: "administrators",
};

function operationOf(method: string, path: string, item: Json): string {
  const operation = item[method];
  const body = operation.requestBody ? `<h4>Body</h4>\n<p>${contentOf(operation.requestBody)}</p>` : "";
  return `<details id="${operation.operationId}">
<summary><b class="${method}">${method.toUpperCase()}</b> <code>${escape(path)}</code>
${escape(operation.summary)} <small>for ${whoMay[operation["x-access"]]}</small></summary>
${prose(operation.description)}
${[parameters(operation, item), body, responses(operation)].filter(Boolean).join("\n")}
</details>`;
}

function section(tag: Json): string {
  const operations = Object.entries<Json>(contract.paths).flatMap(([path, item]) =>
    ["get", "put", "post", "delete"]
      .filter((method) => item[method]?.tags.includes(tag.name))
      .map((method) => operationOf(method, path, item)),
  );
  return `<h2 id="${tag.name}">${tag.name}</h2>\n${prose(tag.description)}\n${operations.join("\n")}`;
}

function schemaSection([name, schema]: [string, Json]): string {
  const example = schema.examples?.[0];
  const shown = example === undefined ? "" : `<pre>${escape(JSON.stringify(example, null, 2))}</pre>`;
  return `<h3 id="schema-${name}">${name}</h3>\n${prose(schema.description)}\n${members(schema)}\n${shown}`;
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid #8884; border-radius: .4rem; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid #8884; padding: .3rem .6rem .3rem 0; vertical-align: top; }
td:first-child { white-space: nowrap; }
details { border: 1px solid #8886; border-radius: .4rem; padding: .4rem .8rem; margin: .5rem 0; }
summary { cursor: pointer; }
summary b { display: inline-block; min-width: 4rem; }
small { opacity: .75; }
nav a { margin-right: 1rem; }
@media (max-width: 40rem) { td:first-child { white-space: normal; } }
`;

const { info } = contract;
const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(info.title)} API ${escape(info.version)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escape(info.title)} API ${escape(info.version)}</h1>
<p>${escape(info.summary)}</p>
<nav>${contract.tags.map(({ name }: Json) => `<a href="#${name}">${name}</a>`).join("\n")}
<a href="#schemas">schemas</a></nav>
${prose(info.description)}
${contract.tags.map(section).join("\n")}
<h2 id="schemas">schemas</h2>
${Object.entries<Json>(contract.components.schemas).map(schemaSection).join("\n")}
</body>
</html>
`;

const target = new URL("../server/src/docs_page/docs.html", import.meta.url);
const written = page.replaceAll(/\n{2,}/g, "\n");
if (process.argv.includes("--check")) {
  const kept = readFileSync(target, "utf8");
  if (kept !== written) {
    console.error("server/src/docs_page/docs.html is behind the contract: npm run docs-page");
    process.exit(1);
  }
} else {
  writeFileSync(target, written);
}
