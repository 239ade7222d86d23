// Writes a row into the outbox as the server would: sealed under the key that it made at its first start
// (server/src/crypto/keyring.hpp). For effects whose cause a test does not want to go through.
import { createCipheriv, hkdfSync, randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { World } from "./world.ts";

const derived = (root: Buffer, info: string, size: number) =>
  Buffer.from(hkdfSync("sha256", root, "astrotalk", info, size));

export async function addJob(world: World, kind: string, payload: object): Promise<string> {
  const master = await readFile(join(world.env.ASTROTALK_DATA_DIR!, "master.key"));
  const id = randomUUID();
  const header = Buffer.concat([Buffer.from([1]), derived(master, "key-id", 4)]);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", derived(master, "purpose:outbox", 32), nonce);
  cipher.setAAD(Buffer.concat([header, Buffer.from(`outbox.payload.${id}`)]));
  const text = Buffer.concat([cipher.update(JSON.stringify(payload)), cipher.final()]);
  const sealed = Buffer.concat([header, nonce, text, cipher.getAuthTag()]).toString("hex");
  await world.query(`insert into outbox (id, kind, payload) values ('${id}', '${kind}', '\\x${sealed}')`);
  return id;
}
