// Wallets filled by the payment provider and emptied to it, over HTTP: what is lost, doubled, late or forged
// on the way changes nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hold, intent, listedAstrologer, slotsOf, wallet } from "./support/astrologer.ts";
import { ok, refused } from "./support/expect.ts";
import { Person } from "./support/person.ts";
import { until } from "./support/program.ts";
import { astrotalk, useWorld } from "./support/world.ts";
import { run } from "./support/program.ts";
import type { Schemas } from "@astrotalk/api-client";

let admin: Person;
let second: Person;
let astrologer: Person;
const world = useWorld(
  { env: { ASTROTALK_IP_RATE: "100000", ASTROTALK_IP_BURST: "100000" } },
  async (world) => {
    admin = await world.admin();
    second = await world.admin();
    astrologer = await listedAstrologer(world, admin);
  },
);

const person = () => new Person(world()).join();
const start = (who: Person, body: Schemas["RechargeInput"], key?: string) =>
  who.api.POST("/v1/recharges", { params: { ...intent(key) }, body });
const read = (who: Person, id: string) =>
  ok(who.api.GET("/v1/recharges/{id}", { params: { path: { id } } }));
const confirm = (who: Person, id: string, said: Record<string, string>) =>
  who.api.POST("/v1/recharges/{id}/confirm", {
    params: { path: { id } },
    body: { paymentId: said.razorpay_payment_id!, signature: said.razorpay_signature! },
  });

async function control(method: string, path: string, body?: unknown): Promise<any> {
  const answer = await fetch(`${world().sandbox}/control/razorpay${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}
const pay = (of: Schemas["Recharge"], how: Record<string, unknown> = {}) =>
  control("POST", `/orders/${of.checkout!.orderId}/pay`, how);
const faults = (...rules: unknown[]) => control("PUT", "", { rules });
const becomes = (who: Person, id: string, state: string) =>
  until(`the recharge to be ${state}`, async () => {
    const now = await read(who, id);
    return now.state === state && now;
  });
const proven = async () => {
  const { code, text } = await run(astrotalk, ["ledger", "verify"], world().env, world().directory);
  assert.equal(code, 0, text);
};

test("a pack is paid for, credited by the webhook alone, and shown in the wallet", async () => {
  const user = await person();
  const before = await wallet(user);
  const packs = await ok(user.api.GET("/v1/recharges/packs"));
  const pack = packs.items.find((each) => each.bonus > 0)!;
  assert.equal(pack.payable, pack.amount + pack.gst);
  const mine = await ok(start(user, { packId: pack.id, place: "29" }));
  assert.equal(mine.state, "open");
  assert.equal(mine.checkout!.amount, pack.payable);
  await pay(mine);
  const paid = await becomes(user, mine.id, "paid");
  assert.equal(paid.checkout, undefined);
  const now = await wallet(user);
  assert.equal(now.cash - before.cash, pack.amount);
  assert.equal(now.bonus - before.bonus, pack.bonus);
  await until("the news", async () => {
    const { items } = await ok(user.api.GET("/v1/notifications"));
    const of = (each: (typeof items)[number]) => (each.params as Record<string, unknown>).rechargeId;
    return items.some((each) => each.kind === "recharge.paid" && of(each) === mine.id);
  });
  await proven();
});

test("webhooks that are doubled, reordered, forged or of an older secret credit once", async () => {
  const user = await person();
  await faults(
    { call: "webhook", fault: "duplicate" },
    { call: "webhook", fault: "reorder", percent: 50 },
    { call: "webhook", fault: "bad_checksum", event: "payment.authorized" },
  );
  const all = await Promise.all([1, 2, 3].map(() => ok(start(user, { amount: 10_000 }))));
  await Promise.all(all.map((each) => pay(each)));
  for (const each of all) await becomes(user, each.id, "paid");
  assert.equal((await wallet(user)).cash, 30_000);
  await faults();
  await proven();
});

test("every webhook is lost, and the money comes all the same", async () => {
  const user = await person();
  await faults({ call: "webhook", fault: "drop" });
  const mine = await ok(start(user, { amount: 10_000 }));
  await pay(mine);
  await world().advance(60);
  await user.refresh();
  await becomes(user, mine.id, "paid");
  assert.equal((await wallet(user)).cash, 10_000);
  await faults();
});

test("checkout's word is taken at once when it is signed, and never when it is forged", async () => {
  const user = await person();
  await faults({ call: "webhook", fault: "drop" });
  const [mine, other] = [
    await ok(start(user, { amount: 10_000 })),
    await ok(start(user, { amount: 20_000 })),
  ];
  const said = await pay(mine);
  await refused(
    confirm(user, mine.id, { ...said, razorpay_signature: "0".repeat(64) }),
    409,
    "payment_not_confirmed",
  );
  await refused(confirm(user, other.id, said), 409, "payment_not_confirmed");
  await refused(confirm(await person(), mine.id, said), 404, "recharge_not_found");
  assert.equal((await ok(confirm(user, mine.id, said))).state, "paid");
  assert.equal((await ok(confirm(user, mine.id, said))).state, "paid");
  assert.equal((await wallet(user)).cash, 10_000);
  await faults();
});

test("a person pays on the hosted page, fails first, and comes back to a wallet that is full", async () => {
  const user = await person();
  const mine = await ok(start(user, { amount: 10_000 }));
  const to = mine.checkout!;
  const post = (path: string, fields: Record<string, string>) =>
    fetch(new URL(path, to.url), { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
  const shop = { order_id: to.orderId, callback_url: to.callbackUrl, name: "<b>AstroTalk</b>" };
  const page = await post(to.url, { ...shop, key_id: to.keyId });
  const html = await page.text();
  assert.match(html, /₹118\.00/);
  assert.doesNotMatch(html, /<b>AstroTalk/);
  const failed = await post("/razorpay/checkout/pay", { ...shop, method: "upi", vpa: "failure@razorpay" });
  assert.match(await failed.text(), /role="alert"/);
  await until("the failure to be told", async () => (await read(user, mine.id)).lastError);
  const done = await (
    await post("/razorpay/checkout/pay", { ...shop, method: "card", card: "4111 1111 1111 1111" })
  ).text();
  const field = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(done)![1]!;
  const back = await post(to.callbackUrl, {
    razorpay_payment_id: field("razorpay_payment_id"),
    razorpay_order_id: field("razorpay_order_id"),
    razorpay_signature: field("razorpay_signature"),
  });
  assert.equal(back.status, 200);
  assert.deepEqual(await back.json(), { recharge: mine.id });
  assert.equal((await read(user, mine.id)).state, "paid");
});

test("an order whose answer is lost is found again, and one that was never made is given up", async () => {
  const user = await person();
  await faults({ call: "create_order", fault: "lost_answer", status: 504, times: 1 });
  const mine = await start(user, { amount: 10_000 });
  assert.equal(mine.response.status, 202);
  await world().advance(40);
  await user.refresh();
  const open = await becomes(user, mine.data!.id, "open");
  await pay(open);
  await becomes(user, open.id, "paid");
  await faults({ call: "create_order", fault: "status", status: 400, times: 1 });
  await refused(start(user, { amount: 10_000 }), 503, "payments_unavailable");
});

test("money that does not fit its order goes back by itself", async () => {
  const user = await person();
  const mine = await ok(start(user, { amount: 10_000 }));
  await pay(mine, { amount: 5_000 });
  await pay(mine);
  await becomes(user, mine.id, "paid");
  await pay(mine);
  await until("both to be sent back", async () => {
    await world().advance(20);
    const shown = await control("GET", `/orders/${mine.checkout!.orderId}`);
    return shown.payments.filter((each: any) => each.amount_refunded === each.amount).length === 2;
  });
  await user.refresh();
  assert.equal((await wallet(user)).cash, 10_000);
  await proven();
});

test("a hold that waits for money is booked when it comes, with the app closed", async () => {
  const user = await person();
  const slot = (await slotsOf(user, astrologer)).items[0]!;
  const held = await ok(hold(user, astrologer.sub, slot.startsAt));
  const mine = await ok(start(user, { amount: 20_000, holdId: held.id }));
  await pay(mine);
  await until("the booking", async () => {
    const { items } = await ok(user.api.GET("/v1/bookings"));
    return items.some((each) => each.startsAt === slot.startsAt && each.state === "confirmed");
  });
  await proven();
});

test("a refund goes to where the money came from; a large one needs two administrators", async () => {
  await Promise.all([admin.refresh(), second.refresh()]);
  const user = await person();
  const mine = await ok(start(user, { amount: 1_000_000 }));
  await pay(mine);
  await becomes(user, mine.id, "paid");
  const ask = (amount: number, key?: string) =>
    admin.api.POST("/v1/admin/recharges/{id}/refunds", {
      params: { path: { id: mine.id }, ...intent(key) },
      body: { amount, reason: "The user asked for it" },
    });
  const small = await ok(ask(100_000));
  assert.equal(small.state, "approved");
  assert.equal((await wallet(user)).cash, 900_000);
  const large = await ok(ask(600_000));
  assert.equal(large.state, "proposed");
  const decide = (who: Person) =>
    who.api.POST("/v1/admin/refunds/{id}/decide", {
      params: { path: { id: large.id } },
      body: { approve: true, reason: "Looked at it" },
    });
  await refused(decide(admin), 409, "second_admin_needed");
  assert.equal((await ok(decide(second))).state, "approved");
  await refused(decide(second), 409, "already_decided");
  await refused(ask(400_000), 409, "not_refundable");
  await until("both to be done", async () => {
    const { items } = await ok(
      admin.api.GET("/v1/admin/refunds", { params: { query: { state: "processed" } } }),
    );
    return [small, large].every((each) => items.some(({ id }) => id === each.id));
  });
  assert.equal((await read(user, mine.id)).refunded, 826_000);
  await proven();
});

test("a coupon gives its bonus once, and figures add it all up", async () => {
  await admin.refresh();
  const now = world().now();
  const day = (days: number) => new Date(now + days * 86_400_000).toISOString().slice(0, 19) + "Z";
  const terms = {
    code: "DIWALI26",
    bonusBasisPoints: 1000,
    bonus: 0,
    leastAmount: 10_000,
    validFrom: day(-1),
    validUntil: day(1),
    mostUsesEach: 1,
    firstOnly: false,
    active: true,
  };
  await ok(admin.api.PUT("/v1/admin/coupons", { body: { ...terms, reason: "A festival" } }));
  const user = await person();
  const of = { amount: 20_000, coupon: "DIWALI26" };
  assert.equal((await ok(user.api.POST("/v1/recharges/quote", { body: of }))).couponBonus, 2_000);
  const mine = await ok(start(user, of));
  await refused(start(user, of), 409, "coupon_used_before");
  await refused(start(user, { amount: 20_000, coupon: "NONE26" }), 409, "coupon_not_valid");
  await refused(start(user, { amount: 20_000, coupon: "no" }), 422, "invalid_request");
  await pay(mine);
  await becomes(user, mine.id, "paid");
  const { items } = await ok(admin.api.GET("/v1/admin/coupons"));
  assert.equal(items.find(({ code }) => code === "DIWALI26")!.uses, 1);
  const span = { from: day(-1).slice(0, 10), to: day(2).slice(0, 10) };
  const figures = await ok(admin.api.GET("/v1/admin/payments/figures", { params: { query: span } }));
  assert.ok(figures.recharges.some(({ name, count }) => name === "paid" && count > 0));
  assert.ok(figures.accounts.some(({ name, amount }) => name === "gst" && amount > 0));
  await refused(user.api.GET("/v1/admin/payments/figures", { params: { query: span } }), 403, "forbidden");
});
