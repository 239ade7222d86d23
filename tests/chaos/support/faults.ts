// The faults: SIGKILL, so that nobody has a last word.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cluster } from "../../functional/support/cluster.ts";
import { until } from "../../functional/support/program.ts";
import type { World } from "../../functional/support/world.ts";

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // it has ended since it was listed
  }
}

const childrenOf = (parent: number) =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number);

function kill(pid: number) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It was quicker.
  }
}

// Every process of PostgreSQL at once; then it recovers from its log.
export async function killPostgres(cluster: Cluster): Promise<void> {
  const postmaster = Number(
    readFileSync(join(cluster.directory, "data/postmaster.pid"), "utf8").split("\n")[0],
  );
  const all = [postmaster, ...childrenOf(postmaster)];
  all.forEach(kill);
  await cluster.halt();
  await until("PostgreSQL's processes to be gone", async () =>
    all.every((pid) => parentOf(String(pid)) === undefined),
  );
  await cluster.start();
}

// One backend: PostgreSQL itself then ends all sessions and recovers, without our help.
export async function killBackend(world: World): Promise<void> {
  const pid = await world.query(
    "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() " +
      "and datname = current_database() order by random() limit 1",
  );
  kill(Number(pid));
  await until("PostgreSQL to recover", () => world.query("select 1").then(Boolean, () => false), 20_000);
}

// As a supervisor does: a server whose line to the database is cut while it starts ends, and is started
// again. Most starts on breaking lines end so, a dozen in a row now and then.
export async function superviseStart(world: World): Promise<void> {
  const enough = Date.now() + 30_000;
  for (;;) {
    try {
      return await world.startServer();
    } catch (error) {
      if (world.server.running || Date.now() > enough) throw error;
    }
  }
}

export async function killServer(world: World): Promise<void> {
  await world.server.kill();
  await superviseStart(world);
}

// One backend is ended by its administrator, as a failover or a careless operator would.
export async function endSessions(world: World): Promise<void> {
  await world.query(
    "select pg_terminate_backend(pid) from pg_stat_activity " +
      "where pid <> pg_backend_pid() and datname = current_database()",
  );
}
