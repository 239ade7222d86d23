// What kills and broken lines in the middle of load must not break: whoever was told yes has a booking, no
// two overlap, no money is lost, the audit chain holds, nobody is told anything twice by SMS, and no slot
// stays taken after its hold's time.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { hold, listedAstrologer } from "../functional/support/astrologer.ts";
import { Cluster, scratchDirectory } from "../functional/support/cluster.ts";
import { takeBroken } from "../functional/support/contract.ts";
import { ok } from "../functional/support/expect.ts";
import { Person } from "../functional/support/person.ts";
import { inbox } from "../functional/support/place.ts";
import type { Place } from "../functional/support/place.ts";
import { freePort, until } from "../functional/support/program.ts";
import { prepareTemplate, World } from "../functional/support/world.ts";
import { live, type Load } from "./support/client.ts";
import { FaultProxy } from "./support/fault_proxy.ts";
import { endSessions, killBackend, killPostgres, killServer, superviseStart } from "./support/faults.ts";
import { seeded } from "./support/random.ts";

const rounds = Number(process.env.ASTROTALK_CHAOS_ROUNDS ?? "1");
const seed = Number(process.env.ASTROTALK_CHAOS_SEED ?? "1");
const lanes = Number(process.env.ASTROTALK_CHAOS_CLIENTS ?? "12");
const operations = Number(process.env.ASTROTALK_CHAOS_OPERATIONS ?? "0");

let cluster: Cluster;
let socket: string;
let world: World;
let admin: Person;
let toServer: FaultProxy;
let toDatabase: FaultProxy;
let beyond: Place; // the server, at the other end of a line that breaks

async function openWorld() {
  cluster = await Cluster.create();
  await prepareTemplate(cluster);
  socket = await scratchDirectory("line");
  const name = ".s.PGSQL.5432";
  const [on, target] = [{ path: join(socket, name) }, { path: join(cluster.directory, name) }];
  const budget = { least: 2_000, most: 20_000_000 };
  toDatabase = await FaultProxy.listen(on, target, seeded(seed + 2), budget);
  world = await World.open({
    cluster,
    databaseSocket: socket,
    // The limits stay on, above what proving many rounds' bookings asks for.
    env: {
      ASTROTALK_IP_RATE: "100000",
      ASTROTALK_IP_BURST: "100000",
      ASTROTALK_USER_RATE: "100000",
      ASTROTALK_USER_BURST: "100000",
      ASTROTALK_IO_THREADS: "2",
    },
  });
}

before(async () => {
  await openWorld();
  const host = "127.0.0.1";
  const [port, target] = [await freePort(), { host, port: Number(new URL(world.base).port) }];
  toServer = await FaultProxy.listen({ host, port }, target, seeded(seed + 3), {
    least: 500,
    most: 500_000,
  });
  beyond = Object.create(world, { base: { value: `http://${host}:${port}` } });
  admin = await world.admin();
});

after(async () => {
  // Also after a fault that failed and left no server, or the test would wait for what is still open.
  const closed = await Promise.allSettled([world?.close()]);
  await toServer?.close();
  await toDatabase?.close();
  await cluster?.destroy();
  if (socket) await rm(socket, { recursive: true, force: true });
  for (const each of closed) if (each.status === "rejected") throw each.reason;
});

const number = async (sql: string) => Number(await world.query(sql));

async function startLoad(): Promise<{ load: Load; ended: Promise<unknown>; people: Person[] }> {
  const people = await Promise.all(Array.from({ length: lanes }, () => new Person(beyond).join()));
  const astrologers = [];
  for (let i = 0; i < Math.max(2, lanes / 20); ++i) {
    const person = await listedAstrologer(world, admin, 100);
    const { items } = await ok(
      people[0]!.api.GET("/v1/astrologers/{id}/slots", {
        params: { path: { id: person.sub }, query: { minutes: 15, days: 30, channel: "chat" } },
      }),
    );
    // More than a day away, where cancelling costs nothing: nobody's money runs out.
    const soon = Date.now() + 26 * 3_600_000;
    const starts = items.map(({ startsAt }) => startsAt).filter((at) => Date.parse(at) > soon);
    astrologers.push({ person, starts });
  }
  const load: Load = {
    stopped: false,
    random: seeded(seed),
    astrologers,
    told: [],
    abandoned: [],
    surprises: [],
    logOf: (id) => world.server.lines.filter((line) => line.includes(id)).join("\n"),
    operations: 0,
    unanswered: 0,
  };
  return { load, ended: Promise.all(people.map((person) => live(load, person))), people };
}

async function provePromises(load: Load) {
  assert.ok(
    load.told.length >= lanes,
    `only ${load.told.length} were told yes: the load is too thin to prove anything`,
  );
  for (const { person, booking, startsAt, cancelled } of load.told) {
    const found = await ok(person.api.GET("/v1/bookings/{id}", { params: { path: { id: booking } } }));
    assert.equal(found.state, cancelled ? "cancelled" : "confirmed", `booking ${booking}`);
    assert.equal(Date.parse(found.startsAt), Date.parse(startsAt), `booking ${booking}`);
  }
  for (const side of ["user_id", "astrologer_id"]) {
    const overlaps = await number(
      `select count(*) from (select starts_at < max(ends_at) over (partition by ${side} order by starts_at
         rows between unbounded preceding and 1 preceding) as meets
         from booking where state = 'confirmed') b where meets`,
    );
    assert.equal(overlaps, 0, `bookings of one ${side} overlap`);
  }
}

async function proveBooks() {
  const ledger = await world.command("ledger", "verify");
  assert.equal(ledger.code, 0, ledger.text);
  assert.equal(
    await number(
      "select count(*) from booking b where not exists " +
        "(select from journal j where j.kind = 'booking.hold' and j.reference_id = b.id)",
    ),
    0,
    "bookings without their payment",
  );
  assert.equal(
    await number(
      "select count(*) from wallet w where held <> " +
        "(select coalesce(sum(cash + bonus), 0) from wallet_hold h " +
        "where h.owner_id = w.owner_id and status = 'active')",
    ),
    0,
    "wallets that set aside something else than their holds say",
  );
}

async function proveAudit(load: Load) {
  await until("the sealer", async () => (await number("select count(*) from audit_pending")) === 0, 20_000);
  const audit = await world.command("audit", "verify");
  assert.equal(audit.code, 0, audit.text);
  let traced = 0;
  const most = 1_000; // a command line is not endless
  for (let from = 0; from < load.told.length; from += most) {
    const part = load.told.slice(from, from + most);
    const list = part.map(({ booking }) => `'${booking}'`).join(",");
    traced += await number(
      `select count(distinct subject_id) from audit_log
       where action = 'booking.create' and subject_id in (${list})`,
    );
  }
  assert.equal(traced, load.told.length, "bookings without a trace in the audit log");
}

async function proveMessages(load: Load, people: Person[]) {
  await until(
    "the outbox to empty",
    async () => (await number("select count(*) from outbox")) === 0,
    60_000,
    250,
  );
  for (const person of people) {
    const texts = (await inbox(world, person.phone)).map(({ text }) => text);
    const told = texts.filter((text) => text.includes("booked with"));
    assert.equal(new Set(texts).size, texts.length, `a message came twice: ${texts.join(" | ")}`);
    const kept = load.told.filter((each) => each.person === person && !each.cancelled).length;
    assert.ok(told.length >= kept, `${kept} bookings, ${told.length} messages`);
  }
}

async function proveSlots(load: Load) {
  await until(
    "stale holds to end",
    async () =>
      (await number("select count(*) from occupancy where kind = 'hold' and status = 'active'")) === 0,
    20_000,
  );
  const fresh = await new Person(world).join();
  const taken = new Set(
    (await world.query("select extract(epoch from starts_at) from booking where state = 'confirmed'"))
      .split("\n")
      .map(Number),
  );
  const again = load.abandoned.filter(({ startsAt }) => {
    const at = Date.parse(startsAt) / 1000;
    return !taken.has(at) && at > Date.now() / 1000 + 3600;
  });
  assert.ok(again.length > 0, "no hold was left behind: nothing to prove about them");
  for (const { astrologer, startsAt } of again.slice(0, 5)) await ok(hold(fresh, astrologer, startsAt));
}

const faults: [string, () => Promise<void>][] = [
  ["the server is killed", () => killServer(world)],
  ["every process of PostgreSQL is killed", () => killPostgres(cluster)],
  ["a backend of PostgreSQL is killed", () => killBackend(world)],
  ["all sessions are ended", () => endSessions(world)],
  [
    "the server and PostgreSQL are killed at once",
    async () => {
      const server = world.server.kill();
      await killPostgres(cluster);
      await server;
      await superviseStart(world);
    },
  ],
];

const title =
  `${rounds} × ${faults.length} faults on breaking lines, amid holds, bookings, moves and cancellations ` +
  `of ${lanes} people (seed ${seed})`;

test(title, async (t) => {
  const { load, ended, people } = await startLoad();
  const random = seeded(seed + 1);
  toServer.breaking = toDatabase.breaking = true;
  try {
    for (let round = 0; round < rounds || load.operations < operations; ++round) {
      for (const [name, strike] of faults) {
        await sleep(300 + random() * 900);
        const before = load.told.length;
        await strike();
        await until(
          `somebody to be told yes again after: ${name}`,
          async () => load.told.length > before,
          30_000,
        );
      }
    }
    await sleep(300);
  } finally {
    load.stopped = true;
    await Promise.allSettled([ended]); // whatever a client says, it must not hide why a fault failed
    toServer.breaking = toDatabase.breaking = false;
  }
  await ended;
  t.diagnostic(
    `${load.operations} operations, ${load.told.length} told yes, ` +
      `${load.told.filter((each) => each.moves > 0).length} of them moved, ` +
      `${load.told.filter((each) => each.cancelled).length} cancelled, ` +
      `${toServer.cuts} and ${toDatabase.cuts} lines cut, ` +
      `${load.abandoned.length} holds left behind, ${load.unanswered} requests asked again`,
  );
  assert.deepEqual(load.surprises, []);
  assert.deepEqual(takeBroken(), [], "answers broke the contract");
  await provePromises(load);
  // The leases of what died with its worker, and the time of every hold, run out.
  await world.advance(1_200);
  await proveBooks();
  await proveAudit(load);
  await proveMessages(load, people);
  await proveSlots(load);
});
