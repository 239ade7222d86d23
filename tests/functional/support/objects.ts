// The object store of a world, asked by the stock AWS SDK, and by hand where that one is too well behaved.
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import { type AdminKey, firstKey } from "./operator.ts";
import type { World } from "./world.ts";

export const Bucket = "astrotalk-documents";
export const publicBucket = "astrotalk-public";

// Limits by address are another test's.
export const roomy = { ASTROTALK_IP_RATE: "100000", ASTROTALK_IP_BURST: "100000" };

export const oddKeys = [
  "with a blank",
  "हिन्दी/फ़ोटो.webp",
  "a+b",
  "100%",
  "%2F",
  "../up",
  "a/../b",
  "/leading",
  "a//b",
  "what?#&=;,:@!$'()*[]",
  '"<xml>&amp;"',
  "trailing/",
  "~.-_",
];

interface Signed {
  method: string;
  path: string;
  query?: Record<string, string>;
  headers: Record<string, string>;
  body?: unknown;
}
type Change = (request: Signed) => void;

export class Objects {
  readonly world: World;
  readonly key: AdminKey;
  readonly client: S3Client;

  constructor(world: World) {
    this.world = world;
    this.key = firstKey(world);
    this.client = this.connect();
  }

  get endpoint(): string {
    return `${this.world.base}/storage`;
  }

  connect(change: Partial<S3ClientConfig> = {}): S3Client {
    const { accessKeyId, secretAccessKey } = this.key;
    return new S3Client({
      endpoint: this.endpoint,
      region: this.world.config.region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
      systemClockOffset: this.world.now() - Date.now(),
      ...change,
    });
  }

  // A client whose requests are changed before they are signed, or on their way.
  meddling(when: "build" | "finalizeRequest", change: Change): S3Client {
    const client = this.connect();
    client.middlewareStack.add(
      (next) => async (args) => {
        change((args as unknown as { request: Signed }).request);
        return next(args);
      },
      { step: when, name: "meddling", priority: "low" } as never,
    );
    return client;
  }

  put(
    Key: string,
    Body: NonNullable<PutObjectCommandInput["Body"]>,
    more: Partial<PutObjectCommandInput> = {},
  ) {
    return this.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  }

  get(Key: string, more: Partial<GetObjectCommandInput> = {}) {
    return this.client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  }

  async text(Key: string, more: Partial<GetObjectCommandInput> = {}): Promise<string> {
    return (await this.get(Key, more)).Body!.transformToString();
  }

  // Files that are being written, or were when their writer died.
  unfinished(): string[] {
    return readdirSync(join(this.world.env.ASTROTALK_DATA_DIR!, "storage", ".incoming"));
  }
}

// S3's code of a refusal.
export async function refusal(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
  } catch (error) {
    const { name, message } = error as Error;
    assert.ok(name, message);
    return name;
  }
  return "nothing refused";
}

export const codeOf = (xml: string) => /<Code>(\w+)<\/Code>/.exec(xml)?.[1];

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();

// A PUT whose body is signed chunk by chunk, as the SDKs for Java, Go and .NET send it.
export async function putInSignedChunks(
  to: Objects,
  path: string,
  chunks: Buffer[],
  change: (body: Buffer) => Buffer = (body) => body,
  trailer?: { name: string; value: string },
): Promise<{ status: number; text: string }> {
  const url = new URL(`${to.endpoint}/${Bucket}/${path}`);
  const time = new Date(to.world.now()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/${to.world.config.region}/s3/aws4_request`;
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const streaming = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer ? "-TRAILER" : ""}`;
  const headers: Record<string, string> = {
    "content-encoding": "aws-chunked",
    host: url.host,
    "x-amz-content-sha256": streaming,
    "x-amz-date": time,
    "x-amz-decoded-content-length": String(size),
    ...(trailer ? { "x-amz-trailer": trailer.name } : {}),
  };
  const names = Object.keys(headers).sort();
  const request = [
    "PUT",
    url.pathname,
    "",
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    streaming,
  ].join("\n");
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${to.key.secretAccessKey}`);
  const sign = (lines: string[]) => hmac(key as Buffer, lines.join("\n")).toString("hex");
  let last = sign(["AWS4-HMAC-SHA256", time, scope, sha256(request)]);
  headers.authorization =
    `AWS4-HMAC-SHA256 Credential=${to.key.accessKeyId}/${scope}, ` +
    `SignedHeaders=${names.join(";")}, Signature=${last}`;
  const parts: Buffer[] = [];
  for (const chunk of [...chunks, Buffer.alloc(0)]) {
    last = sign(["AWS4-HMAC-SHA256-PAYLOAD", time, scope, last, sha256(""), sha256(chunk)]);
    parts.push(Buffer.from(`${chunk.length.toString(16)};chunk-signature=${last}\r\n`), chunk);
    if (chunk.length > 0) parts.push(Buffer.from("\r\n"));
  }
  if (trailer) {
    const line = `${trailer.name}:${trailer.value}`;
    last = sign(["AWS4-HMAC-SHA256-TRAILER", time, scope, last, sha256(`${line}\n`)]);
    parts.push(Buffer.from(`${line}\r\nx-amz-trailer-signature:${last}\r\n`));
  }
  parts.push(Buffer.from("\r\n"));
  delete headers.host;
  const answer = await fetch(url, {
    method: "PUT",
    headers,
    body: new Uint8Array(change(Buffer.concat(parts))),
  });
  return { status: answer.status, text: await answer.text() };
}
