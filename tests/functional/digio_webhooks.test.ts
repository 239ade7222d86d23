// The webhooks of the sandbox's Digio: what the server's receiver has to live with.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Arrival, checksum, drive as driveRequest, setFaults, useDigio } from "./support/digio.ts";
import { until } from "./support/program.ts";

const { sandbox, receiver } = useDigio();
const drive = (id: string, outcome: string) => driveRequest(sandbox(), id, outcome);
const faults = (...rules: unknown[]) => setFaults(sandbox(), ...rules);

// None is under way any more.
const settled = (count: number) =>
  until("webhooks to be delivered", async () => {
    const { items } = await sandbox().control("GET", "/digio/webhooks");
    return receiver.arrivals.length >= count && items.every((each: any) => each.outcome !== "waiting");
  });

test("a request goes to approval with all of its webhooks, signed over their bytes", async () => {
  const kyc = await sandbox().create({ transaction_id: "t-1", reference_id: "r/1" });
  assert.match(kyc.id, /^KID\d{15}[0-9A-Z]{14}$/);
  assert.match(kyc.access_token.id, /^GWT\d{15}[0-9A-Z]{14}$/);
  await drive(kyc.id, "approve");
  const all = await receiver.come(11);
  assert.deepEqual(
    all.map((each) => each.event),
    [
      "kyc.request.created",
      ...Array<string>(3).fill("kyc.action.created"),
      "documents.pulled.successfully",
      ...Array<string>(3).fill("kyc.action.completed"),
      "kyc.request.completed",
      "kyc.request.review.ready",
      "kyc.request.approved",
    ],
  );
  for (const each of all) {
    assert.equal(each.checksum, checksum(each.body));
    assert.match(each.id, /^WHN\d{15}[0-9A-Z]{14}$/);
  }
  assert.equal(new Set(all.map((each) => each.id)).size, all.length);
  const last = JSON.parse(all.at(-1)!.body);
  assert.deepEqual(last.entities, ["kyc_request"]);
  assert.equal(last.payload.kyc_request.status, "approved");
  assert.equal(last.payload.kyc_request.access_token, undefined);
  assert.match(last.created_at, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  const pulled = JSON.parse(all[4]!.body).payload.digilocker_request;
  assert.deepEqual(pulled, {
    kyc_request_id: kyc.id,
    state: "COMPLETED",
    customer_identifier: kyc.customer_identifier,
  });
  // GET and POST tell the same truth.
  assert.deepEqual(
    await sandbox().digio(`/client/kyc/v2/${kyc.id}/response`, {}, "GET"),
    await sandbox().read(kyc),
  );
});

test("a webhook that is refused comes again, ever later, until it is taken", async () => {
  receiver.answers = [500, 404, 302, 503];
  await sandbox().create({ template_name: "DIGILOCKER_AADHAAR_PAN" });
  await receiver.come(2); // both events of the creation
  const counts = async () => {
    const { items } = await sandbox().control("GET", "/digio/webhooks");
    return items.map((each: any) => each.attempts.length).sort();
  };
  const tried = (times: number) =>
    until(`attempt ${times} to be noted`, async () => (await counts()).every((n: number) => n === times));
  await tried(1);
  await sandbox().advance(1);
  await tried(2);
  await sandbox().advance(5);
  await settled(6);
  assert.deepEqual(await counts(), [3, 3]);
  await sandbox().advance(10 * 3600);
  assert.equal(receiver.arrivals.length, 6);
});

test("a webhook that is never taken is given up", async () => {
  receiver.answers = Array<number>(100).fill(500);
  await sandbox().create({ template_name: "DIGILOCKER_AADHAAR_PAN" });
  for (const [attempt, wait] of [1, 5, 30, 120, 600, 1800, 3600, 7200].entries()) {
    await receiver.come(2 * (attempt + 1));
    await until("the refusal to be noted", async () => {
      const { items } = await sandbox().control("GET", "/digio/webhooks");
      return items.every((each: any) => each.attempts.length === attempt + 1);
    });
    await sandbox().advance(wait);
  }
  await settled(18);
  const { items } = await sandbox().control("GET", "/digio/webhooks");
  assert.deepEqual(
    items.map((each: any) => [each.outcome, each.attempts.length]),
    [
      ["given_up", 9],
      ["given_up", 9],
    ],
  );
});

test("webhooks go wrong as they are told to", async () => {
  const once = (fault: string, more = {}) => ({ call: "webhook", fault, times: 1, ...more });
  const cases: [object[], (all: Arrival[], names: string[]) => void, number][] = [
    [[once("duplicate")], ([a, b]) => assert.equal(a!.body, b!.body), 3],
    [
      [once("altered")],
      (all) => {
        const [a, b] = all.filter((each) => each.id === all[0]!.id);
        assert.notEqual(a!.body, b!.body);
        assert.equal(b!.checksum, checksum(b!.body));
      },
      3,
    ],
    [[once("drop")], (_, names) => assert.deepEqual(names, ["kyc.action.created"]), 1],
    [
      [once("reorder")],
      (_, names) => assert.deepEqual(names, ["kyc.action.created", "kyc.request.created"]),
      2,
    ],
    [[once("bad_checksum")], ([a]) => assert.notEqual(a!.checksum, checksum(a!.body)), 2],
    [
      [once("upper_case")],
      ([a]) => {
        const shouted = JSON.parse(a!.body);
        assert.equal(shouted.EVENT, "KYC.REQUEST.CREATED");
        assert.equal(shouted.PAYLOAD.KYC_REQUEST.STATUS, "REQUESTED");
        assert.equal(a!.checksum, checksum(a!.body));
      },
      2,
    ],
    [
      [once("stale", { event: "kyc.action.created" })],
      (all) => {
        const old = all.filter((each) => each.event === "kyc.request.created");
        assert.equal(old.length, 2);
        assert.notEqual(old[0]!.id, old[1]!.id);
      },
      3,
    ],
    [
      [once("old_created_at")],
      ([a, b]) => assert.ok(JSON.parse(a!.body).created_at < JSON.parse(b!.body).created_at),
      2,
    ],
  ];
  for (const [rules, expect, count] of cases) {
    await sandbox().control("POST", "/digio/reset");
    receiver.arrivals.length = 0;
    await faults(...rules);
    await sandbox().create({ template_name: "DIGILOCKER_AADHAAR_PAN" });
    const all = await receiver.come(count);
    expect(
      all,
      all.map((each) => each.event),
    );
  }
});

test("a delayed webhook comes when its time has come", async () => {
  await faults({ call: "webhook", fault: "delay", delayMs: 60_000, event: "kyc.request.created" });
  await sandbox().create({ template_name: "DIGILOCKER_AADHAAR_PAN" });
  await receiver.come(1);
  await sandbox().advance(50);
  assert.deepEqual(
    receiver.arrivals.map((each) => each.event),
    ["kyc.action.created"],
  );
  await sandbox().advance(10);
  assert.equal((await receiver.come(2))[1]!.event, "kyc.request.created");
});

test("the same seed meets the same people and the same chances", async () => {
  const round = async (seed: number) => {
    await sandbox().control("POST", "/digio/reset", { seed });
    await faults({ call: "webhook", fault: "drop", percent: 50 });
    for (let i = 0; i < 10; ++i) await sandbox().create({ customer_identifier: `a${i}@b.in` });
    const { items } = await sandbox().control("GET", "/digio/webhooks");
    const who = await sandbox().control("GET", "/digio/people?identifier=a1%40b.in");
    return { pan: who.pan, dropped: items.map((each: any) => each.outcome === "dropped") };
  };
  const one = await round(5);
  assert.deepEqual(await round(5), one);
  assert.notDeepEqual(await round(6), one);
});
