// npm run journey: the main job against a running ./start, printed step by step.
// PORT, SANDBOX_PORT and ASTROTALK_DATA_DIR say where it runs, as for ./start.
import { join, resolve } from "node:path";
import { bareEnvironment } from "./support/cluster.ts";
import { journey } from "./support/journey.ts";
import { type Place, readConfig } from "./support/place.ts";
import { run } from "./support/program.ts";
import { astrotalk, root } from "./support/world.ts";

const base = `http://127.0.0.1:${process.env.PORT ?? 8080}`;
const sandbox = `http://127.0.0.1:${process.env.SANDBOX_PORT ?? 8090}`;
const dataDirectory = resolve(root, process.env.ASTROTALK_DATA_DIR ?? ".data");

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

async function running(): Promise<Place> {
  const config = await readConfig(base).catch(() =>
    fail(`Nothing answers at ${base}. Run ./start first, in another terminal.`),
  );
  // ./start leaves there what an operator's command needs to find this setup.
  const environment = join(dataDirectory, "environment");
  const command = (...args: string[]) =>
    run("bash", ["-c", 'source "$0"; exec "$@"', environment, astrotalk, ...args], bareEnvironment(), root);
  return { base, sandbox, config, command };
}

let steps = 0;
const place = await running();
try {
  await journey({
    place,
    say: (line) => console.log(line.replaceAll(/^/gm, "     ")),
    step: async (title, act) => {
      console.log(`\n${String(++steps).padStart(2)}. ${title}`);
      await act();
    },
  });
  console.log("\nThe whole job ran.");
} catch (error) {
  console.error(`\nIt failed here: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
