// What tests say of an answer. A surprise shows the whole answer, so that a failure can be read without
// running it again.
import assert, { AssertionError } from "node:assert/strict";

interface Answered {
  data?: unknown;
  error?: unknown;
  response: Response;
}

const show = (answer: Answered) =>
  `${answer.response.status} ${answer.response.url} ` +
  `(request ${answer.response.headers.get("x-request-id")}): ` +
  JSON.stringify(answer.error ?? answer.data);

// The body of a success.
export async function ok<T extends Answered>(asked: Promise<T>): Promise<NonNullable<T["data"]>> {
  const answer = await asked;
  if (!answer.response.ok) throw new AssertionError({ message: `expected success, got ${show(answer)}` });
  return answer.data as NonNullable<T["data"]>;
}

export interface Problem {
  status: number;
  code: string;
  title: string;
  errors?: { pointer: string; detail: string }[];
  alternatives?: { startsAt: string; endsAt: string }[];
  shortBy?: number;
  price?: number;
  available?: number;
}

// The problem of a refusal with that status and code.
export async function refused(asked: Promise<Answered>, status: number, code: string): Promise<Problem> {
  const answer = await asked;
  const problem = answer.error as Problem | undefined;
  if (answer.response.status !== status || problem?.code !== code) {
    throw new AssertionError({ message: `expected ${status} ${code}, got ${show(answer)}` });
  }
  assert.equal(problem.status, status);
  return problem;
}

// The error of a refused AWS command, which must have that name.
export async function rejected(
  asked: Promise<unknown>,
  name: string,
): Promise<Error & Record<string, any>> {
  try {
    await asked;
  } catch (error) {
    const got = error as Error & Record<string, any>;
    if (got.name !== name) {
      throw new AssertionError({
        message: `expected ${name}, got ${got.name}: ${got.message}`,
        actual: got.name,
        expected: name,
      });
    }
    return got;
  }
  throw new AssertionError({ message: `expected ${name}, but it succeeded` });
}

// The name of the one that it was.
export async function rejectedAsOne(asked: Promise<unknown>, names: string[]) {
  try {
    await asked;
  } catch (error) {
    const { name, message } = error as Error;
    assert.ok(names.includes(name), `${name}: ${message}; expected one of ${names.join(", ")}`);
    return name;
  }
  throw new assert.AssertionError({ message: `expected one of ${names.join(", ")}, but it succeeded` });
}
