// Every answer is held against contract/openapi.yaml: its status must be documented, with that content
// type, and its body must fit.
import { readFileSync } from "node:fs";
import { AssertionError } from "node:assert";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";

type Json = Record<string, any>;

export interface Operation {
  method: string; // upper case
  path: string; // the template
  access: "anyone" | "signed_in" | "astrologer" | "support" | "admin";
  definition: Json;
}

const file = new URL("../../../contract/openapi.yaml", import.meta.url);
export const contract: Json = parse(readFileSync(file, "utf8"));

const methods = ["get", "put", "post", "delete", "patch"];

export const operations: Operation[] = Object.entries<Json>(contract.paths).flatMap(([path, item]) =>
  methods
    .filter((method) => item[method])
    .map((method) => ({
      method: method.toUpperCase(),
      path,
      access: item[method]["x-access"],
      definition: item[method],
    })),
);

const patterns = operations.map((operation) => ({
  operation,
  // A placeholder matches one segment; literal paths are tried first.
  pattern: new RegExp(`^${operation.path.replaceAll(".", "\\.").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`),
}));
patterns.sort(
  (a, b) => (a.operation.path.match(/\{/g)?.length ?? 0) - (b.operation.path.match(/\{/g)?.length ?? 0),
);

export function operationOf(method: string, pathname: string): Operation | undefined {
  return patterns.find(({ operation, pattern }) => operation.method === method && pattern.test(pathname))
    ?.operation;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
ajv.addFormat("int64", { type: "number", validate: Number.isSafeInteger });
ajv.addSchema({ ...contract, $id: "contract" });

const compiled = new Map<string, ValidateFunction>();
function validator(pointer: string): ValidateFunction {
  let found = compiled.get(pointer);
  if (!found) compiled.set(pointer, (found = ajv.compile({ $ref: `contract#${pointer}` })));
  return found;
}

const escape = (segment: string) => encodeURIComponent(segment.replaceAll("~", "~0").replaceAll("/", "~1"));

export interface Answer {
  method: string;
  pathname: string;
  status: number;
  headers: Headers;
  body: string;
}

// What the contract's introduction says that every operation may answer.
const everywhere: Json = { 400: { $ref: "#/components/responses/MalformedQuery" } };

function documented(operation: Operation, status: number): { response: Json; pointer: string } | undefined {
  const response = operation.definition.responses[status] ?? everywhere[status];
  if (!response) return undefined;
  if (!response.$ref) {
    const at = ["paths", operation.path, operation.method.toLowerCase(), "responses", String(status)];
    return { response, pointer: `/${at.map(escape).join("/")}` };
  }
  const name = response.$ref.replace("#/components/responses/", "");
  return { response: contract.components.responses[name], pointer: `/components/responses/${name}` };
}

// The faults of an answer; none when it keeps the contract.
export function faultsOf(answer: Answer): string[] {
  const operation = operationOf(answer.method, answer.pathname);
  if (!operation) return faultsOfUndocumented(answer);
  const found = documented(operation, answer.status);
  if (!found)
    return [`status ${answer.status} is not documented for ${operation.method} ${operation.path}`];
  const faults = answer.headers.has("x-request-id") ? [] : ["x-request-id is missing"];
  const { response, pointer } = found;
  if (!response.content) {
    if (answer.body !== "") faults.push("a body where none is documented");
    return faults;
  }
  const type = (answer.headers.get("content-type") ?? "").split(";")[0]!.trim();
  if (!response.content[type]) {
    return [...faults, `content type ${type}; documented: ${Object.keys(response.content).join(", ")}`];
  }
  if (!type.includes("json")) return faults;
  let value: unknown;
  try {
    value = JSON.parse(answer.body);
  } catch {
    return [...faults, "the body is not JSON"];
  }
  const validate = validator(`${pointer}/content/${escape(type)}/schema`);
  if (!validate(value)) faults.push(...validate.errors!.map(describe));
  return faults;
}

const describe = (e: { instancePath: string; message?: string; params: unknown }) =>
  `${e.instancePath || "/"} ${e.message ?? ""} ${JSON.stringify(e.params)}`;

// What no operation describes (an unknown path, a method not offered) is still a problem with a code.
function faultsOfUndocumented(answer: Answer): string[] {
  if (answer.status < 400) return [];
  const type = (answer.headers.get("content-type") ?? "").split(";")[0];
  if (type !== "application/problem+json") return [`content type ${type} of an error`];
  const validate = validator("/components/schemas/Problem");
  return validate(JSON.parse(answer.body)) ? [] : validate.errors!.map(describe);
}

const broken: string[] = [];

// Answers that broke the contract since the last call: tests that expect nothing of an answer still fail on
// it.
export function takeBroken(): string[] {
  return broken.splice(0);
}

export function check(answer: Answer): void {
  const faults = faultsOf(answer);
  if (faults.length === 0) return;
  const message =
    `${answer.method} ${answer.pathname} → ${answer.status} breaks the contract:\n` +
    faults.map((fault) => `  ${fault}\n`).join("") +
    `  body: ${answer.body.slice(0, 600)}`;
  broken.push(message);
  throw new AssertionError({ message });
}

// A fetch for the typed client that checks what comes back.
export async function checkedFetch(request: Request): Promise<Response> {
  const response = await fetch(request);
  const body = await response.clone().text();
  const { pathname } = new URL(request.url);
  check({ method: request.method, pathname, status: response.status, headers: response.headers, body });
  return response;
}
