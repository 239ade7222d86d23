// An astrologer's photo and papers: sent to a link, made anew, and seen by whom they are for.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { deflateSync, crc32 } from "node:zlib";
import { test } from "node:test";
import type { Schemas } from "@astrotalk/api-client";
import { approve, listedAstrologer, profile } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { useWorld } from "./support/world.ts";

type Upload = Schemas["Upload"];

let admin: Person;
const world = useWorld({}, async (world) => {
  admin = await world.admin();
});

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

// A PNG of grey stripes, with a comment in it.
function png(width: number, height: number, comment = ""): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) rows.fill((y * 7) & 0xff, y * (width + 1) + 1, (y + 1) * (width + 1));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    ...(comment ? [chunk("tEXt", Buffer.from(`Comment\0${comment}`))] : []),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const applicant = async () => {
  const person = await new Person(world()).join("astrologer");
  await ok(person.api.PUT("/v1/astrologer/profile", { body: profile }));
  return person;
};

const ask = (who: Person, body: Schemas["UploadInput"]) => who.api.POST("/v1/astrologer/uploads", { body });
const sent = (who: Person, id: string) =>
  who.api.POST("/v1/astrologer/uploads/{id}/sent", { params: { path: { id } } });
const list = async (who: Person) => (await ok(who.api.GET("/v1/astrologer/uploads"))).items;

function put(link: string, contentType: string, body: Buffer): Promise<Response> {
  return fetch(link, {
    method: "PUT",
    headers: { "content-type": contentType },
    body: new Uint8Array(body),
  });
}

// Sends a file, and gives the upload when it is settled.
async function send(
  who: Person,
  kind: Upload["kind"],
  file: Buffer,
  contentType: Schemas["UploadInput"]["contentType"] = "image/png",
): Promise<Upload> {
  const { upload, putTo } = await ok(ask(who, { kind, contentType, size: file.length }));
  const answer = await put(putTo, contentType, file);
  assert.equal(answer.status, 200, await answer.text());
  await ok(sent(who, upload.id));
  return until(
    "the upload to be settled",
    async () => {
      const found = (await list(who)).find((each) => each.id === upload.id);
      return found && ["ready", "refused"].includes(found.state) ? found : undefined;
    },
    30_000,
    100,
  );
}

// Files are cleared away every few seconds; asking faster than that meets the limit of requests.
const slowly = [30_000, 500] as const;

test("a photo is made anew, and everybody sees it", async () => {
  const person = await applicant();
  const upload = await send(person, "photo", png(900, 700, "28.6139,77.2090"));
  assert.equal(upload.state, "ready", JSON.stringify(upload));
  assert.deepEqual(upload.files.map((each) => each.name).sort(), ["card", "full", "thumb"]);
  for (const { url } of upload.files) {
    const found = await fetch(url);
    assert.equal(found.status, 200);
    assert.equal(found.headers.get("content-type"), "image/webp");
    assert.match(found.headers.get("cache-control") ?? "", /immutable/);
    const bytes = Buffer.from(await found.arrayBuffer());
    assert.equal(bytes.subarray(8, 12).toString(), "WEBP");
    assert.equal(bytes.indexOf("28.6139"), -1, "where it was taken is gone");
  }
  await ok(person.api.POST("/v1/astrologer/profile/submit"));
  await approve(person, admin);
  await person.refresh();
  await ok(person.api.PUT("/v1/astrologer/prices", { body: { call: 900 } }));
  const shown = await ok(admin.api.GET("/v1/astrologers/{id}", { params: { path: { id: person.sub } } }));
  assert.equal((await fetch(`${shown.photo}card.webp`)).status, 200);
});

test("another photo takes the place of the first, which is gone", async () => {
  const person = await listedAstrologer(world(), admin);
  const first = await send(person, "photo", png(300, 300));
  const second = await send(person, "photo", png(400, 300));
  assert.deepEqual(
    (await list(person)).map((each) => each.id),
    [second.id],
  );
  const shown = await ok(admin.api.GET("/v1/astrologers/{id}", { params: { path: { id: person.sub } } }));
  assert.ok(shown.photo?.includes(second.id));
  await world().advance(120);
  await until(
    "the first photo to go",
    async () => (await fetch(first.files[0]!.url)).status === 404,
    ...slowly,
  );
  assert.equal((await fetch(second.files[0]!.url)).status, 200);
});

test("a paper is seen by whom it belongs to and by staff who say why, and by nobody else", async () => {
  const person = await applicant();
  const upload = await send(person, "identity", png(800, 600));
  const { url } = upload.files[0]!;
  assert.equal((await fetch(url)).status, 200);
  assert.equal((await fetch(url.split("?")[0]!)).status, 403, "not without the signature");
  await world().advance(6 * 60);
  assert.equal((await fetch(url)).status, 403, "for five minutes");

  const path = { id: person.sub };
  const seen = await ok(
    admin.api.GET("/v1/admin/astrologers/{id}/uploads", {
      params: { path, query: { reason: "check of papers" } },
    }),
  );
  assert.deepEqual(
    seen.items.map((each) => each.id),
    [upload.id],
  );
  const audited = await ok(admin.api.GET("/v1/admin/audit", { params: { query: { limit: 100 } } }));
  assert.ok(
    audited.items.some(
      (row) =>
        row.action === "upload.read" && row.subjectId === person.sub && row.reason === "check of papers",
    ),
  );
  const stranger = await applicant();
  await refused(sent(stranger, upload.id), 404, "upload_not_found");
  await refused(
    stranger.api.DELETE("/v1/astrologer/uploads/{id}", { params: { path: { id: upload.id } } }),
    404,
    "upload_not_found",
  );
});

test("what is not what it says is refused, and says why", async () => {
  const person = await applicant();
  assert.equal((await send(person, "photo", png(100, 100))).fault, "too_small");
  assert.equal((await send(person, "photo", png(300, 300).subarray(0, 200))).fault, "damaged");
  assert.equal((await send(person, "identity", png(500, 500), "application/pdf")).fault, "wrong_type");
  const cut = Buffer.from("%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
  assert.equal((await send(person, "identity", cut, "application/pdf")).fault, "damaged");
  assert.ok((await list(person)).every((each) => each.files.length === 0));
});

test("a link takes one type and size, for a while", async () => {
  const person = await applicant();
  const file = png(300, 300);
  const { putTo, upload } = await ok(
    ask(person, { kind: "photo", contentType: "image/png", size: file.length }),
  );
  await refused(sent(person, upload.id), 409, "nothing_sent");
  assert.equal((await put(putTo, "text/html", file)).status, 403);
  assert.equal((await put(putTo, "image/png", Buffer.concat([file, file]))).status, 403);
  await world().advance(16 * 60);
  assert.equal((await put(putTo, "image/png", file)).status, 403);
  await refused(sent(person, upload.id), 409, "nothing_sent");
});

test("what was asked for and never came is given up", async () => {
  const person = await applicant();
  await ok(ask(person, { kind: "certificate", contentType: "application/pdf", size: 1000 }));
  assert.equal((await list(person)).length, 1);
  await world().advance(2 * 60 * 60);
  await Promise.all([person.refresh(), admin.refresh()]);
  await until("it to be given up", async () => (await list(person)).length === 0, ...slowly);
});

test("bounds", async () => {
  const user = await new Person(world()).join("astrologer");
  await refused(ask(user, { kind: "photo", contentType: "image/png", size: 10 }), 409, "profile_required");
  const person = await applicant();
  for (const body of [
    { kind: "photo", contentType: "application/pdf", size: 10 },
    { kind: "photo", contentType: "image/png", size: 13_000_000 },
    { kind: "selfie", contentType: "image/png", size: 10 },
  ])
    await refused(ask(person, body as Schemas["UploadInput"]), 422, "invalid_request");
  for (let i = 0; i < 30; i += 1)
    await ok(ask(person, { kind: "photo", contentType: "image/png", size: 10 }));
  await refused(
    ask(person, { kind: "photo", contentType: "image/png", size: 10 }),
    429,
    "too_many_uploads",
  );
});

test("told twice, it is done once; removed, it stays removed", async () => {
  const person = await applicant();
  const upload = await send(person, "photo", png(300, 300));
  assert.equal((await ok(sent(person, upload.id))).state, "ready");
  const path = { id: upload.id };
  const gone = await person.api.DELETE("/v1/astrologer/uploads/{id}", { params: { path } });
  assert.equal(gone.response.status, 204);
  await refused(sent(person, upload.id), 404, "upload_not_found");
  assert.deepEqual(await list(person), []);
});

test("what is sent to a link after its upload was thrown away does not stay", async () => {
  const person = await applicant();
  const file = png(300, 300);
  const { upload, putTo } = await ok(
    ask(person, { kind: "identity", contentType: "image/png", size: file.length }),
  );
  assert.equal((await put(putTo, "image/png", file)).status, 200);
  const path = { id: upload.id };
  assert.equal(
    (await person.api.DELETE("/v1/astrologer/uploads/{id}", { params: { path } })).response.status,
    204,
  );
  const row = (column: string) => world().query(`select ${column} from upload where id = '${upload.id}'`);
  await until(
    "the first file to be gone",
    async () => (await row("swept_at is not null")) === "t",
    ...slowly,
  );
  const folder = join(world().env.ASTROTALK_DATA_DIR!, "storage/astrotalk-documents");
  const files = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()).length;
  const before = files();
  assert.equal((await put(putTo, "image/png", file)).status, 200, "the link still lives");
  assert.equal(files(), before + 1);
  await world().advance(31 * 60);
  await until("the second to be gone too", async () => (await row("late_swept")) === "t", ...slowly);
  assert.equal(files(), before);
});

test("photos that come at once leave one", async () => {
  const person = await listedAstrologer(world(), admin);
  const file = png(300, 300);
  const asked = await Promise.all(
    Array.from({ length: 5 }, () =>
      ok(ask(person, { kind: "photo", contentType: "image/png", size: file.length })),
    ),
  );
  await Promise.all(asked.map(({ putTo }) => put(putTo, "image/png", file)));
  await Promise.all(asked.map(({ upload }) => ok(sent(person, upload.id))));
  const left = await until(
    "one to be left",
    async () => {
      const now = await list(person);
      return now.length === 1 && now[0]!.state === "ready" && now;
    },
    ...slowly,
  );
  const { photo } = await ok(
    admin.api.GET("/v1/astrologers/{id}", { params: { path: { id: person.sub } } }),
  );
  assert.ok(photo?.includes(left[0]!.id), "and it is the one that is shown");
});
