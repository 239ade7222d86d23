// Messages leave by the provider that is configured, as registered templates, and by another when it fails.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Person } from "./support/person.ts";
import { inbox } from "./support/place.ts";
import { freePort, until } from "./support/program.ts";
import { entityId, snsSettings, templateIds } from "./support/sms.ts";
import { useWorld } from "./support/world.ts";

const sandboxPort = String(await freePort());
const world = useWorld({
  env: {
    SANDBOX_PORT: sandboxPort,
    ...snsSettings,
    ASTROTALK_SMS_FALLBACK: "sandbox",
    ASTROTALK_SNS_URL: `http://127.0.0.1:${sandboxPort}/sns`,
    ASTROTALK_SUPPORT_CONTACT: "help@astrotalk.example",
  },
});

const control = async (faults: unknown) => {
  const body = JSON.stringify(faults);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${world().sandbox}/control/sns`, { method: "PUT", headers, body });
  assert.ok(answer.ok, await answer.text());
};
const newest = (person: Person) =>
  until(`a message to ${person.phone}`, async () => (await inbox(world(), person.phone))[0], 15_000);
const counted = async (provider: string, outcome: string) => {
  const metrics = await (await fetch(`${world().base}/metrics`)).text();
  const line = metrics
    .split("\n")
    .find((each) =>
      ["astrotalk_sms_total{", `provider="${provider}"`, `outcome="${outcome}"`].every((part) =>
        each.includes(part),
      ),
    );
  return Number(line?.split(" ").at(-1) ?? 0);
};

test("SNS gets the text with its registration", async () => {
  const person = await new Person(world()).join();
  const message: any = await newest(person);
  assert.equal(message.provider, "sns");
  assert.equal(message.templateId, templateIds["code.en"]);
  assert.equal(message.entityId, entityId);
  assert.equal(message.senderId, "ASTROT");
  assert.match(message.text, /^\d{6} is your AstroTalk code\. It is valid for 10 minutes\./);
  assert.ok((await counted("sns", "accepted")) >= 1);
});

test("a provider that refuses is replaced at once, by one that gets the same text", async () => {
  await control({ status: 403, code: "AuthorizationError", delayMs: 0 });
  const person = await new Person(world()).join();
  const message: any = await newest(person);
  assert.equal(message.provider, undefined);
  assert.equal(message.templateId, templateIds["code.en"]);
  assert.ok((await counted("sns", "provider_refused")) >= 1);
  assert.ok((await counted("sandbox", "accepted")) >= 1);
});

test("a provider that is slow of wit is tried twice before another", async () => {
  const before = await counted("sns", "failed");
  await control({ status: 400, code: "Throttling", delayMs: 0 });
  const person = new Person(world());
  await person.signUp("user");
  const message: any = await newest(person);
  assert.equal(message.provider, undefined);
  assert.equal((await counted("sns", "failed")) - before, 2);
  await control({ status: 200, code: "", delayMs: 0 });
});

test("the apps learn whom to ask when no code comes", () => {
  assert.equal(world().config.supportContact, "help@astrotalk.example");
});
