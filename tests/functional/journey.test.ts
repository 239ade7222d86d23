// The whole main job over HTTP with the stock AWS SDK client.
import { test } from "node:test";
import { journey } from "./support/journey.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();

test("the main job, from sign-up to the audit trail", async (t) => {
  await journey({
    place: world(),
    say: (line) => t.diagnostic(line),
    step: async (title, act) => {
      let failed: unknown;
      await t.test(title, async () => {
        try {
          await act();
        } catch (error) {
          failed = error;
          throw error;
        }
      });
      if (failed) throw new Error(`the journey ends at: ${title}`); // the later steps stand on this one
    },
  });
});
