// Who may do what with the object store: signatures, links, and browsers that use them.
import assert from "node:assert/strict";
import { request as ask } from "node:http";
import { test } from "node:test";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { Bucket, codeOf, Objects, refusal, roomy } from "./support/objects.ts";
import { useWorld } from "./support/world.ts";

let s3: Objects;
const world = useWorld({ env: roomy }, async (world) => {
  s3 = new Objects(world);
});

const body = "0123456789";
const type = "application/pdf";

// As the application makes it: size and type are signed.
const uploadLink = (Key: string, expiresIn = 300) =>
  getSignedUrl(
    s3.connect(),
    new PutObjectCommand({ Bucket, Key, ContentType: type, ContentLength: body.length }),
    { expiresIn, signableHeaders: new Set(["host", "content-type", "content-length"]) },
  );

async function upload(url: string, what = body, as = type, more: Record<string, string> = {}) {
  const headers = { "content-type": as, ...more };
  const answer = await fetch(url, { method: "PUT", body: what, headers });
  return { status: answer.status, code: codeOf(await answer.text()), headers: answer.headers };
}

test("a link takes the upload that it was signed for", async () => {
  const url = await uploadLink("link/a b.pdf");
  assert.match(url, /SignedHeaders=content-length%3Bcontent-type%3Bhost/);
  assert.equal((await upload(url)).status, 200);
  assert.equal(await s3.text("link/a b.pdf"), body);
  assert.equal((await s3.get("link/a b.pdf")).ContentType, type);
});

test("a link writes no second header into its answer", async () => {
  await s3.put("link/named", "x");
  const named = (ResponseContentDisposition: string) =>
    getSignedUrl(
      s3.connect(),
      new GetObjectCommand({ Bucket, Key: "link/named", ResponseContentDisposition }),
    );
  const plain = await fetch(await named('attachment; filename="a.pdf"'));
  assert.equal(plain.headers.get("content-disposition"), 'attachment; filename="a.pdf"');
  const split = await fetch(await named("attachment\r\nset-cookie: a=b"));
  assert.equal(`${split.status} ${codeOf(await split.text())}`, "400 InvalidArgument");
  assert.equal(split.headers.get("set-cookie"), null);
});

test("a link takes no other size, type, place, method or metadata", async () => {
  const url = await uploadLink("link/refused.pdf");
  const wrong: [string, ReturnType<typeof upload>][] = [
    ["longer", upload(url, `${body}x`)],
    ["shorter", upload(url, body.slice(1))],
    ["two megabytes", upload(url, "x".repeat(2 << 20))],
    ["another type", upload(url, body, "text/html")],
    ["another key", upload(url.replace("refused.pdf", "other.pdf"))],
    ["a later end", upload(url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"))],
    ["another signature", upload(url.replace(/Signature=.{4}/, "Signature=0000"))],
    ["one parameter more", upload(`${url}&x-amz-meta-a=b`)],
  ];
  for (const [what, sent] of wrong) {
    const { status, code } = await sent;
    assert.equal(`${status} ${code}`, "403 SignatureDoesNotMatch", what);
  }
  const smuggled = await upload(url, body, type, { "x-amz-meta-a": "b" });
  assert.equal(`${smuggled.status} ${smuggled.code}`, "400 AuthorizationQueryParametersError");
  const both = await upload(url, body, type, { authorization: "AWS4-HMAC-SHA256 Credential=x" });
  assert.equal(both.code, "InvalidArgument");
  assert.equal((await fetch(url)).status, 403, "it is not for reading");
  assert.equal(await refusal(s3.get("link/refused.pdf")), "NoSuchKey");
});

test("a link of another key's secret, and of no key, is refused", async () => {
  const { accessKeyId, secretAccessKey } = s3.key;
  const of = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
    getSignedUrl(s3.connect({ credentials }), new GetObjectCommand({ Bucket, Key: "k" }), {
      expiresIn: 60,
    });
  const guessed = await fetch(await of({ accessKeyId, secretAccessKey: "guessed" }));
  assert.equal(codeOf(await guessed.text()), "SignatureDoesNotMatch");
  const unknown = await fetch(await of({ accessKeyId: "AKIANOBODY", secretAccessKey }));
  assert.equal(codeOf(await unknown.text()), "InvalidAccessKeyId");
});

test("a link for reading names what is answered", async () => {
  await s3.put("link/क.pdf", body, { ContentType: type });
  const command = new GetObjectCommand({
    Bucket,
    Key: "link/क.pdf",
    ResponseContentType: "application/octet-stream",
    ResponseContentDisposition: 'attachment; filename="a b.pdf"',
    ResponseCacheControl: "private, max-age=60",
  });
  const url = await getSignedUrl(s3.connect(), command, { expiresIn: 300 });
  const answer = await fetch(url);
  assert.equal(await answer.text(), body);
  assert.equal(answer.headers.get("content-type"), "application/octet-stream");
  assert.equal(answer.headers.get("content-disposition"), 'attachment; filename="a b.pdf"');
  assert.equal(answer.headers.get("cache-control"), "private, max-age=60");
  const part = await fetch(url, { headers: { range: "bytes=2-4" } });
  assert.equal(`${part.status} ${await part.text()}`, "206 234");
});

test("a wrong secret, an unknown key and another region are refused", async () => {
  const { accessKeyId, secretAccessKey } = s3.key;
  const put = (change: Parameters<Objects["connect"]>[0]) =>
    refusal(s3.connect(change).send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" })));
  assert.equal(
    await put({ credentials: { accessKeyId, secretAccessKey: "wrong" } }),
    "SignatureDoesNotMatch",
  );
  assert.equal(
    await put({ credentials: { accessKeyId: "AKIANOBODY", secretAccessKey } }),
    "InvalidAccessKeyId",
  );
  assert.equal(
    await put({ credentials: { accessKeyId, secretAccessKey, sessionToken: "forged" } }),
    "InvalidAccessKeyId",
  );
  assert.equal(await put({ region: "us-east-1" }), "AuthorizationHeaderMalformed");
  const large = s3.connect({ credentials: { accessKeyId, secretAccessKey: "wrong" } });
  const sent = large.send(new PutObjectCommand({ Bucket, Key: "k", Body: Buffer.alloc(5 << 20) }));
  assert.match(await refusal(sent), /^(SignatureDoesNotMatch|EPIPE|ECONNRESET|Error)$/);
});

test("a large body is refused by its header alone", async () => {
  const url = new URL(`${s3.endpoint}/${Bucket}/large`);
  const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const headers = { "content-length": 20 << 20 };
    const sending = ask(url, { method: "PUT", headers }, async (response) => {
      let text = "";
      for await (const piece of response) text += piece;
      resolve({ status: response.statusCode!, text });
      sending.destroy();
    });
    sending.on("error", reject);
    sending.flushHeaders(); // and nothing of the body
  });
  assert.equal(answer.status, 403);
  assert.equal(codeOf(answer.text), "AccessDenied");
});

test("other routes keep their own limit", async () => {
  const large = "x".repeat(2 << 20);
  const headers = { "content-type": "application/json" };
  for (const [method, path] of [
    ["POST", "/cognito/"],
    ["PUT", "/v1/me/profile"],
    ["POST", "/v1/holds"],
  ]) {
    const answer = await fetch(world().base + path, { method: method!, headers, body: large }).catch(
      () => undefined,
    );
    if (answer)
      assert.equal(answer.status === 413 || path === "/cognito/", true, `${path}: ${answer.status}`);
    if (answer && path !== "/cognito/") assert.equal((await answer.json()).code, "body_too_large");
  }
});

test("without a length there is no upload", async () => {
  const url = await getSignedUrl(s3.connect(), new PutObjectCommand({ Bucket, Key: "k" }), {
    expiresIn: 60,
  });
  const { host, port, pathname, search } = new URL(url);
  const answer = await new Promise<string>((resolve, reject) => {
    const headers = { host };
    const options = { host: "127.0.0.1", port, path: pathname + search, method: "PUT", headers };
    const sending = ask(options, async (response) => {
      let text = "";
      for await (const piece of response) text += piece;
      resolve(`${response.statusCode} ${codeOf(text)}`);
    });
    sending.on("error", reject);
    sending.removeHeader("transfer-encoding");
    sending.useChunkedEncodingByDefault = false;
    sending.end();
  });
  assert.equal(answer, "411 MissingContentLength");
});

const app = "http://localhost:3000";

test("a page of an allowed origin may upload, and reads the ETag", async () => {
  const url = await uploadLink("link/page.pdf");
  const preflight = (origin: string) =>
    fetch(url, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type,x-amz-meta-page",
      },
    });
  const allowed = await preflight(app);
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get("access-control-allow-origin"), app);
  assert.match(allowed.headers.get("access-control-allow-methods")!, /\bPUT\b/);
  assert.equal(allowed.headers.get("access-control-allow-headers"), "content-type,x-amz-meta-page");
  const strange = await preflight("https://evil.example");
  assert.equal(strange.headers.get("access-control-allow-origin"), null);
  assert.equal(strange.headers.get("access-control-allow-methods"), null);
  const done = await upload(url, body, type, { origin: app });
  assert.equal(done.status, 200);
  assert.equal(done.headers.get("access-control-allow-origin"), app);
  assert.match(done.headers.get("access-control-expose-headers")!, /\betag\b/);
  assert.match(done.headers.get("etag")!, /^"[0-9a-f]{32}"$/);
  const refused = await upload(url, "x".repeat(2 << 20), type, { origin: app });
  assert.equal(refused.headers.get("access-control-allow-origin"), app, "so that the page can read why");
});

// These move the clock, and are therefore the last.
test("a link ends, and a request cannot be sent again later", async () => {
  const url = await uploadLink("link/late.pdf");
  let recorded: { method: string; path: string; headers: Record<string, string> } | undefined;
  const watching = s3.meddling("finalizeRequest", ({ method, path, query, headers }) => {
    const asked = `${path}?${new URLSearchParams(query)}`;
    recorded = { method, path: asked, headers: { ...headers } };
  });
  await s3.put("replayed", "first");
  await watching.send(new DeleteObjectCommand({ Bucket, Key: "replayed" }));
  await s3.put("replayed", "second");
  const replay = () =>
    fetch(world().base + recorded!.path, { method: recorded!.method, headers: recorded!.headers });
  await world().advance(301);
  const late = await upload(url);
  assert.equal(`${late.status} ${late.code}`, "403 AccessDenied");
  await world().advance(600);
  const answer = await replay();
  assert.equal(`${answer.status} ${codeOf(await answer.text())}`, "403 RequestTimeTooSkewed");
  s3 = new Objects(world());
  assert.equal(await s3.text("replayed"), "second");
  const early = s3.connect({ systemClockOffset: world().now() - Date.now() + 16 * 60_000 });
  assert.equal(
    await refusal(early.send(new GetObjectCommand({ Bucket, Key: "replayed" }))),
    "RequestTimeTooSkewed",
  );
});
