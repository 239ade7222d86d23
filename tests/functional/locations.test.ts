import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ListUserSessionsCommand } from "@aws-sdk/client-cognito-identity-provider";
import { scratchDirectory } from "./support/cluster.ts";
import { writeLocations } from "./support/locations.ts";
import { Person } from "./support/person.ts";
import { run, until } from "./support/program.ts";
import { astrotalk, useWorld } from "./support/world.ts";

const file = join(await scratchDirectory("locations"), "cities.mmdb");
writeLocations(file, {
  "203.0.113.0/24": { city: "Pune", country: "India" },
  "198.51.100.7/32": { country: "Nepal" },
  "2001:db8:5::/48": { city: "Jaipur", country: "India" },
});
const world = useWorld({ env: { ASTROTALK_GEOIP_DATABASE: file } });

async function seenAt(address: string) {
  const person = await new Person(world(), undefined, address).join();
  const { Sessions } = await person.cognito.send(
    new ListUserSessionsCommand({ AccessToken: person.tokens!.access }),
  );
  assert.equal(Sessions![0]!.LastIPAddress, address);
  return Sessions![0]!.LastLocation;
}

test("people see where their sessions are", async () => {
  assert.deepEqual(await seenAt("203.0.113.9"), { City: "Pune", Country: "India" });
  assert.deepEqual(await seenAt("2001:db8:5::1"), { City: "Jaipur", Country: "India" });
  assert.deepEqual(await seenAt("198.51.100.7"), { Country: "Nepal" });
  assert.deepEqual(await seenAt("192.0.2.1"), { Country: "unknown" });
});

test("a new database is read by itself, and one that is none is told of and left", async () => {
  writeFileSync(`${file}.none`, "no database");
  renameSync(`${file}.none`, file);
  await until("to be told", async () =>
    world().server.lines.some((line) => line.includes('"locations.not_loaded"')),
  );
  assert.deepEqual(await seenAt("203.0.113.10"), { City: "Pune", Country: "India" });
  writeLocations(file, { "203.0.113.0/24": { city: "Nashik", country: "India" } });
  await until("the new one", async () =>
    world().server.lines.some((line) => line.includes('"locations.loaded"')),
  );
  assert.deepEqual(await seenAt("203.0.113.11"), { City: "Nashik", Country: "India" });
});

test("a database that is none is a plain error at the start", async () => {
  const env = { ...world().env, ASTROTALK_GEOIP_DATABASE: import.meta.filename };
  const started = await run(astrotalk, ["serve"], env, world().directory);
  assert.equal(started.code, 1, started.text);
  assert.match(started.text, /^astrotalk: .*locations\.test\.ts is no database of locations: /m);
});
