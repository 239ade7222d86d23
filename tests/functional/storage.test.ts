// The embedded object store, asked by the stock S3 client.
import assert from "node:assert/strict";
import { createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import {
  Bucket,
  Objects,
  oddKeys,
  publicBucket,
  putInSignedChunks,
  refusal,
  roomy,
} from "./support/objects.ts";
import { useWorld } from "./support/world.ts";

let s3: Objects;
const world = useWorld({ env: roomy }, async (world) => {
  s3 = new Objects(world);
});

test("/v1/config says where it is", () => assert.equal(world().config.storageEndpoint, "/storage/"));

test("an object is put, read, described and removed", async () => {
  const Body = randomBytes(200_000);
  const Metadata = { checked: "yes", pages: "3" };
  const said = { ContentType: "image/webp", CacheControl: "max-age=60", ContentLanguage: "hi", Metadata };
  const stored = await s3.put("a/photo.webp", Body, {
    ...said,
    ContentDisposition: 'inline; filename="a"',
  });
  assert.equal(stored.ETag, `"${createHash("md5").update(Body).digest("hex")}"`);
  const found = await s3.get("a/photo.webp");
  assert.deepEqual(Buffer.from(await found.Body!.transformToByteArray()), Body);
  const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: "a/photo.webp" }));
  for (const each of [found, head]) {
    assert.equal(each.ContentLength, Body.length);
    assert.equal(each.ETag, stored.ETag);
    assert.equal(each.ContentType, "image/webp");
    assert.equal(each.CacheControl, "max-age=60");
    assert.equal(each.ContentLanguage, "hi");
    assert.equal(each.ContentDisposition, 'inline; filename="a"');
    assert.deepEqual(each.Metadata, Metadata);
    assert.ok(Math.abs(each.LastModified!.getTime() - world().now()) < 60_000);
  }
  const gone = () => s3.client.send(new DeleteObjectCommand({ Bucket, Key: "a/photo.webp" }));
  assert.equal((await gone()).$metadata.httpStatusCode, 204);
  assert.equal((await gone()).$metadata.httpStatusCode, 204, "also when there is none");
  assert.equal(await refusal(s3.get("a/photo.webp")), "NoSuchKey");
  assert.equal(
    await refusal(s3.client.send(new HeadObjectCommand({ Bucket, Key: "a/photo.webp" }))),
    "NotFound",
  );
});

test("buckets are those of the configuration", async () => {
  await s3.client.send(new HeadBucketCommand({ Bucket }));
  assert.equal(await refusal(s3.client.send(new HeadBucketCommand({ Bucket: "another" }))), "NotFound");
  assert.equal(await refusal(s3.put("k", "x", { Bucket: "another" })), "NoSuchBucket");
  assert.equal(
    await refusal(s3.client.send(new ListObjectsV2Command({ Bucket: "another" }))),
    "NoSuchBucket",
  );
});

test("the checksum that the SDK sends by default is verified, kept and given back", async () => {
  const sent: Record<string, string> = {};
  const watching = s3.meddling("build", ({ headers }) => void Object.assign(sent, headers));
  const stored = await watching.send(new PutObjectCommand({ Bucket, Key: "sum", Body: "123456789" }));
  assert.equal(sent["x-amz-checksum-crc32"], "y/Q5Jg==");
  assert.equal(stored.ChecksumCRC32, "y/Q5Jg==");
  const found = await s3.get("sum", { ChecksumMode: "ENABLED" });
  assert.equal(found.ChecksumCRC32, "y/Q5Jg==");
  assert.equal(await found.Body!.transformToString(), "123456789");
  const part = await s3.get("sum", { ChecksumMode: "ENABLED", Range: "bytes=0-1" });
  assert.equal(part.ChecksumCRC32, undefined, "it is of the whole");
});

const sums = {
  crc32: "y/Q5Jg==",
  crc32c: "4waSgw==",
  crc64nvme: "rosUhgp5mIg=",
  sha1: createHash("sha1").update("123456789").digest("base64"),
  sha256: createHash("sha256").update("123456789").digest("base64"),
};

test("every checksum that is right is taken, and a wrong one refused", async () => {
  const send = (name: string, value: string) => {
    const client = s3.meddling("build", ({ headers }) => {
      for (const each of Object.keys(headers)) if (each.startsWith("x-amz-checksum-")) delete headers[each];
      headers[name] = value;
    });
    return client.send(new PutObjectCommand({ Bucket, Key: "checked", Body: "123456789" }));
  };
  for (const [kind, value] of Object.entries(sums)) {
    const name = `x-amz-checksum-${kind}`;
    await send(name, value);
    const wrong = Buffer.from(value, "base64");
    wrong[0]! ^= 1;
    assert.equal(await refusal(send(name, wrong.toString("base64"))), "BadDigest", kind);
    assert.equal(await refusal(send(name, "AAA=")), "InvalidRequest", `${kind}: no checksum at all`);
  }
  const md5 = createHash("md5").update("123456789").digest("base64");
  await send("content-md5", md5);
  assert.equal(await refusal(send("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")), "BadDigest");
  assert.equal(await refusal(send("content-md5", "x")), "InvalidDigest");
});

test("a body that was changed on its way is refused", async () => {
  const changed = s3.meddling("finalizeRequest", (request) => {
    request.body = "1234567890";
    request.headers["content-length"] = "10";
  });
  const put = changed.send(new PutObjectCommand({ Bucket, Key: "changed", Body: "0123456789" }));
  assert.match(await refusal(put), /^(XAmzContentSHA256Mismatch|SignatureDoesNotMatch)$/);
  assert.equal(await refusal(s3.get("changed")), "NoSuchKey");
});

test("a streamed body comes in chunks with its checksum behind it", async () => {
  const pieces = [randomBytes(70_000), randomBytes(1), randomBytes(2_500_000)];
  const whole = Buffer.concat(pieces);
  const sent: Record<string, string> = {};
  const watching = s3.meddling("build", ({ headers }) => void Object.assign(sent, headers));
  const command = () =>
    new PutObjectCommand({
      Bucket,
      Key: "streamed",
      Body: Readable.from(pieces),
      ContentLength: whole.length,
    });
  await watching.send(command());
  assert.equal(sent["x-amz-content-sha256"], "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
  const found = await s3.get("streamed");
  assert.deepEqual(Buffer.from(await found.Body!.transformToByteArray()), whole);
  assert.equal(found.ContentEncoding, undefined, "the coding was of the way here");
  const short = s3.meddling("build", ({ headers }) => {
    headers["x-amz-decoded-content-length"] = String(whole.length - 1);
  });
  assert.equal(await refusal(short.send(command())), "IncompleteBody");
  const untrue = s3.meddling(
    "build",
    ({ headers }) => void (headers["x-amz-trailer"] = "x-amz-checksum-sha256"),
  );
  assert.equal(await refusal(untrue.send(command())), "InvalidRequest");
});

test("a body of signed chunks is verified chunk by chunk", async () => {
  const chunks = [randomBytes(65_536), randomBytes(65_536), randomBytes(100)];
  assert.equal((await putInSignedChunks(s3, "chunked", chunks)).status, 200);
  const found = await s3.get("chunked");
  assert.deepEqual(Buffer.from(await found.Body!.transformToByteArray()), Buffer.concat(chunks));
  const flipped = await putInSignedChunks(s3, "flipped", chunks, (body) => {
    body[70_000]! ^= 1;
    return body;
  });
  assert.match(flipped.text, /SignatureDoesNotMatch/);
  const small = await putInSignedChunks(s3, "small", [randomBytes(10), randomBytes(10)]);
  assert.match(small.text, /InvalidChunkSizeError/);
  const value = createHash("sha256").update(Buffer.concat(chunks)).digest("base64");
  const name = "x-amz-checksum-sha256";
  assert.equal((await putInSignedChunks(s3, "t", chunks, undefined, { name, value })).status, 200);
  const wrong = createHash("sha256").digest("base64");
  const refused = await putInSignedChunks(s3, "wrong", chunks, undefined, { name, value: wrong });
  assert.match(refused.text, /BadDigest/);
  for (const key of ["flipped", "small", "wrong"])
    assert.equal(await refusal(s3.get(key)), "NoSuchKey", key);
});

test("a part of an object is read", async () => {
  const text = Array.from({ length: 30_000 }, (_, i) => `${i},`).join("");
  await s3.put("long", text);
  for (const [Range, from, to] of [
    ["bytes=0-9", 0, 10],
    ["bytes=65530-65545", 65_530, 65_546],
    ["bytes=-7", text.length - 7, text.length],
    [`bytes=${text.length - 3}-${text.length + 100}`, text.length - 3, text.length],
  ] as const) {
    const part = await s3.get("long", { Range });
    assert.equal(part.$metadata.httpStatusCode, 206);
    assert.equal(part.ContentRange, `bytes ${from}-${to - 1}/${text.length}`);
    assert.equal(await part.Body!.transformToString(), text.slice(from, to), Range);
  }
  assert.equal(await refusal(s3.get("long", { Range: `bytes=${text.length}-` })), "InvalidRange");
});

test("conditions of reading and of writing", async () => {
  const { ETag } = await s3.put("c", "one", { IfNoneMatch: "*" });
  assert.equal(await refusal(s3.put("c", "two", { IfNoneMatch: "*" })), "PreconditionFailed");
  assert.equal(await refusal(s3.put("c", "two", { IfMatch: '"0"' })), "PreconditionFailed");
  assert.equal(await refusal(s3.put("none", "two", { IfMatch: ETag! })), "NoSuchKey");
  assert.equal(await s3.text("c", { IfMatch: ETag! }), "one");
  assert.equal(await refusal(s3.get("c", { IfMatch: '"0"' })), "PreconditionFailed");
  const unchanged = await s3.get("c", { IfNoneMatch: ETag! }).catch((error) => error);
  assert.equal(unchanged.$metadata.httpStatusCode, 304);
  await s3.put("c", "two", { IfMatch: ETag! });
  assert.equal(await s3.text("c", { IfNoneMatch: ETag! }), "two");
});

async function keysOf(input: Partial<ListObjectsV2CommandInput>): Promise<string[]> {
  const found = await s3.client.send(new ListObjectsV2Command({ Bucket, ...input }));
  return (found.Contents ?? []).map(({ Key }) => Key!);
}

test("a key is any text", async () => {
  const below = oddKeys.map((key) => `odd/${key}`);
  for (const key of [...below, "/first", "../second"]) {
    await s3.put(key, `of ${key}`);
    assert.equal(await s3.text(key), `of ${key}`);
  }
  const inOrder = [...below].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual(await keysOf({ Prefix: "odd/" }), inOrder);
  const encoded = await keysOf({ Prefix: "odd/", EncodingType: "url" });
  assert.deepEqual(encoded.map(decodeURIComponent), inOrder);
  assert.deepEqual(await keysOf({ Prefix: "/fi" }), ["/first"]);
  assert.equal(await refusal(s3.put("k".repeat(1025), "x")), "KeyTooLongError");
  await s3.put("k".repeat(1024), "x");
});

test("a bucket is listed in pages and by folders", async () => {
  const keys = Array.from({ length: 23 }, (_, i) => `pages/${i % 3}/${String(i).padStart(2, "0")}`).sort();
  await Promise.all(keys.map((key) => s3.put(key, key)));
  const seen: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const input = { Bucket, Prefix: "pages/", MaxKeys: 10, ContinuationToken };
    const page = await s3.client.send(new ListObjectsV2Command(input));
    assert.equal(page.KeyCount, page.Contents!.length);
    for (const { Key, Size, ETag, LastModified } of page.Contents!) {
      seen.push(Key!);
      assert.equal(Size, Key!.length);
      assert.equal(ETag, `"${createHash("md5").update(Key!).digest("hex")}"`);
      assert.ok(LastModified instanceof Date);
    }
    ContinuationToken = page.NextContinuationToken;
    assert.equal(page.IsTruncated, ContinuationToken !== undefined);
  } while (ContinuationToken);
  assert.deepEqual(seen, keys);
  assert.deepEqual(await keysOf({ Prefix: "pages/", StartAfter: keys[20]! }), keys.slice(21));
  const folders = { Bucket, Prefix: "pages/", Delimiter: "/", MaxKeys: 2 };
  const first = await s3.client.send(new ListObjectsV2Command(folders));
  assert.deepEqual(first.CommonPrefixes, [{ Prefix: "pages/0/" }, { Prefix: "pages/1/" }]);
  const next = { ...folders, ContinuationToken: first.NextContinuationToken! };
  const second = await s3.client.send(new ListObjectsV2Command(next));
  assert.deepEqual(second.CommonPrefixes, [{ Prefix: "pages/2/" }]);
  assert.equal(second.IsTruncated, false);
  assert.equal(await refusal(keysOf({ ContinuationToken: "forged" })), "InvalidArgument");
  assert.equal(await refusal(keysOf({ MaxKeys: -1 })), "InvalidArgument");
});

test("limits of size", async () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`m${i}`, "v".repeat(70)]));
  assert.equal(await refusal(s3.put("much", "x", { Metadata: many })), "MetadataTooLarge");
  const most = Buffer.alloc(32 << 20, "m");
  await s3.put("most", most);
  assert.equal((await s3.get("most")).ContentLength, most.length);
  assert.equal(await refusal(s3.put("more", Buffer.alloc((32 << 20) + 1))), "EntityTooLarge");
  const stream = () => Readable.from([most, Buffer.from("x")]);
  assert.equal(
    await refusal(s3.put("more", stream(), { ContentLength: most.length + 1 })),
    "EntityTooLarge",
  );
});

test("what is not in the subset is said to be not implemented", async () => {
  const Key = "k";
  await s3.put(Key, "x");
  const others = [
    new CreateMultipartUploadCommand({ Bucket, Key }),
    new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/k` }),
    new GetObjectAclCommand({ Bucket, Key }),
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }),
    new ListObjectsCommand({ Bucket }),
    new CreateBucketCommand({ Bucket: "another-one" }),
    new GetObjectCommand({ Bucket, Key, VersionId: "1" }),
    new PutObjectCommand({ Bucket, Key, Body: "x", ACL: "public-read" }),
    new PutObjectCommand({ Bucket, Key, Body: "x", ServerSideEncryption: "AES256" }),
    new PutObjectCommand({ Bucket, Key, Body: "x", Tagging: "a=b" }),
  ];
  for (const each of others) {
    const code = await refusal(s3.client.send(each as never));
    const named =
      each instanceof CreateBucketCommand ? /^(NotImplemented|NoSuchBucket)$/ : /^NotImplemented$/;
    assert.match(code, named, each.constructor.name);
  }
  assert.equal(await s3.text(Key), "x");
});

// One request, byte for byte, and all of the answer.
function spoken(line: string): Promise<string> {
  const { hostname, port } = new URL(s3.endpoint);
  return new Promise((done, failed) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.on("data", (piece) => (answer += piece.toString("latin1")));
    socket.on("end", () => done(answer)).on("error", failed);
    socket.write(Buffer.from(`${line}\r\nhost: x\r\nconnection: close\r\n\r\n`, "latin1"));
  });
}

test("the public bucket's objects are read by anybody, and kept by caches", async () => {
  const address = `${s3.endpoint}/${publicBucket}/photos/a.webp`;
  await s3.put("photos/a.webp", "photo", { Bucket: publicBucket, ContentType: "image/webp" });
  const answer = await fetch(address);
  assert.equal(await answer.text(), "photo");
  assert.equal(answer.headers.get("content-type"), "image/webp");
  assert.equal(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.match(answer.headers.get("content-security-policy")!, /sandbox/);
  const again = await fetch(address, { headers: { "if-none-match": answer.headers.get("etag")! } });
  assert.equal(again.status, 304);
  assert.equal((await fetch(address, { method: "HEAD" })).headers.get("content-length"), "5");
  assert.equal((await fetch(`${s3.endpoint}/${publicBucket}/photos/none`)).status, 404);
  const closed: [string, RequestInit][] = [
    [`${s3.endpoint}/${publicBucket}?list-type=2`, {}],
    [address, { method: "PUT", body: "x" }],
    [address, { method: "DELETE" }],
    [`${s3.endpoint}/${Bucket}/k`, {}],
    [`${s3.endpoint}/another/k`, {}],
  ];
  for (const [url, how] of closed)
    assert.equal((await fetch(url, how)).status, 403, `${how.method} ${url}`);
  const overridden = await fetch(`${address}?response-content-type=text/html`);
  assert.equal(overridden.status, 400);
  // What was asked for is told in XML, whatever bytes it was.
  const unknown = await spoken(`GET /storage/${publicBucket}/photos/a.webp?\xff<=1 HTTP/1.1`);
  assert.match(
    unknown,
    /^HTTP\/1.1 501 [^]*content-type: application\/xml[^]*Not implemented here: \?&lt;/i,
  );
});

test("a method that is no operation of S3 is refused in its form, and a preflight is not", async () => {
  for (const method of ["PATCH", "OPTIONS"])
    for (const path of [`/${Bucket}`, `/${Bucket}/k`]) {
      const answer = await fetch(`${s3.endpoint}${path}`, { method });
      assert.equal(answer.status, 405, `${method} ${path}`);
      assert.match(answer.headers.get("content-type")!, /^application\/xml/);
      assert.match(await answer.text(), /<Code>MethodNotAllowed<\/Code>/);
    }
  assert.match(
    await spoken(`TRACE /storage/${Bucket}/k HTTP/1.1`),
    /^HTTP\/1.1 405 [^]*<Code>MethodNotAllowed<\/Code>/,
  );
  const buckets = await fetch(`${s3.endpoint}/`);
  assert.match(await buckets.text(), /<Code>NotImplemented<\/Code>/);
  const preflight = await fetch(`${s3.endpoint}/${Bucket}/k`, {
    method: "OPTIONS",
    headers: { origin: "http://localhost:3000", "access-control-request-method": "PUT" },
  });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get("access-control-allow-methods")!, /PUT/);
});

// Whoever takes it from a node has links, such as the server gives out, and not the store.
test("the key that links are signed with does nothing but that", async () => {
  const master = readFileSync(join(world().env.ASTROTALK_DATA_DIR!, "master.key"));
  const derived = Buffer.from(hkdfSync("sha256", master, "astrotalk", "purpose:storage.own-key", 32));
  const secretAccessKey = createHmac("sha256", derived).update("").digest("base64");
  const confined = s3.connect({ credentials: { accessKeyId: "AKIAASTROTALKSTORAGE", secretAccessKey } });
  const Body = "a paper";
  for (const Key of ["incoming/x", "papers/x", "x"]) await s3.put(Key, Body);
  for (const each of [
    new GetObjectCommand({ Bucket, Key: "papers/x" }),
    new PutObjectCommand({ Bucket, Key: "incoming/x", Body }),
    new DeleteObjectCommand({ Bucket, Key: "papers/x" }),
    new ListObjectsV2Command({ Bucket }),
    new PutObjectCommand({ Bucket: publicBucket, Key: "photos/x", Body }),
  ])
    assert.equal(await refusal(confined.send(each as never)), "AccessDenied", each.constructor.name);
  const status = async (command: GetObjectCommand | PutObjectCommand, init: RequestInit = {}) =>
    (await fetch(await getSignedUrl(confined, command as never, { expiresIn: 60 }), init)).status;
  assert.equal(await status(new GetObjectCommand({ Bucket, Key: "papers/x" })), 200);
  for (const Key of ["incoming/x", "x"])
    assert.equal(await status(new GetObjectCommand({ Bucket, Key })), 403, Key);
  const put = { method: "PUT", body: Body };
  assert.equal(await status(new PutObjectCommand({ Bucket, Key: "incoming/x" }), put), 200);
  for (const Key of ["papers/x", "x"])
    assert.equal(await status(new PutObjectCommand({ Bucket, Key }), put), 403, Key);
  assert.equal(await s3.text("papers/x"), Body);
});
