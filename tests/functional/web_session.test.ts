// Signing in as a page does: with a browser's cookie jar and the headers that Chromium sends.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AssociateSoftwareTokenCommand,
  VerifySoftwareTokenCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { ok } from "./support/expect.ts";
import { digioSettings } from "./support/kyc.ts";
import { statusOf } from "./support/operator.ts";
import { claimsOf, Person, userProfile } from "./support/person.ts";
import { nextCode, randomAddress, randomPhone } from "./support/place.ts";
import { until } from "./support/program.ts";
import { type Reply, send } from "./support/raw.ts";
import { authenticatorOf } from "./support/second_factor.ts";
import { productionSettings } from "./support/sms.ts";
import { useWorld, World } from "./support/world.ts";

const world = useWorld({ env: { ASTROTALK_IP_RATE: "100000", ASTROTALK_IP_BURST: "100000" } });

interface Cookie {
  value: string;
  attributes: Map<string, string>;
}

// As much of a browser as counts here: it keeps cookies by name and path, gives them back, and says where a
// request comes from.
class Browser {
  readonly address = randomAddress();
  readonly jar = new Map<string, Cookie>();
  readonly page: string;

  constructor(page = world().base) {
    this.page = page;
  }

  cookiesFor(path: string): string {
    return [...this.jar]
      .filter(([, { attributes }]) => path.startsWith(attributes.get("path") ?? "/"))
      .map(([name, { value }]) => `${name}=${value}`)
      .join("; ");
  }

  keep(reply: Reply) {
    for (const line of reply.headers.getSetCookie()) {
      const [pair, ...rest] = line.split("; ");
      const [name, value] = pair!.split("=") as [string, string];
      const attributes = new Map(
        rest.map((each) => [each.split("=")[0]!.toLowerCase(), each.split("=")[1] ?? ""] as const),
      );
      if (attributes.get("max-age") === "0") this.jar.delete(name);
      else this.jar.set(name, { value, attributes });
    }
  }

  // What Chromium sends with a fetch of JSON.
  headers(path: string): Record<string, string> {
    const same = this.page === world().base;
    return {
      origin: this.page,
      referer: `${this.page}/`,
      "content-type": "application/json",
      "sec-fetch-site": same ? "same-origin" : "cross-site",
      "sec-fetch-mode": "cors",
      "sec-fetch-dest": "empty",
      "user-agent": "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
      "x-forwarded-for": this.address,
      ...(this.cookiesFor(path) && { cookie: this.cookiesFor(path) }),
    };
  }

  // `change` is of the headers; an empty one is left out.
  async post(route: string, body?: unknown, change: Record<string, string> = {}): Promise<Reply> {
    const path = `/v1/session/${route}`;
    const headers = Object.entries({ ...this.headers(path), ...change }).filter(([, value]) => value);
    const reply = await send(world().base, "POST", path, {
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    this.keep(reply);
    return reply;
  }

  async start(phone: string, purpose = "sign_in", more = {}) {
    const started = await this.post("start", { phone, purpose, ...more });
    assert.equal(started.status, 200, started.text);
    return started.json as { session: string; codeLength: number; retryAfter: number };
  }

  async signIn(phone: string): Promise<Reply> {
    const { session } = await this.start(phone);
    return this.post("verify", { session, phone, code: await nextCode(world(), phone) });
  }
}

async function signedIn() {
  const person = await new Person(world()).join();
  const browser = new Browser();
  const reply = await browser.signIn(person.phone);
  assert.equal(reply.status, 200, reply.text);
  return { person, browser, access: reply.json.accessToken as string };
}

const is = (reply: Reply, status: number, code: string) =>
  assert.equal(`${reply.status} ${reply.json?.code}`, `${status} ${code}`);

test("a page signs in, refreshes and signs out, and never sees the refresh token", async () => {
  const { person, browser, access } = await signedIn();
  assert.equal(await statusOf(person, access), 200);
  const [name, cookie] = [...browser.jar][0]!;
  assert.equal(name, "astrotalk_session");
  assert.deepEqual([...cookie.attributes.keys()].sort(), ["httponly", "max-age", "path", "samesite"]);
  assert.equal(cookie.attributes.get("path"), "/v1/session");
  assert.equal(cookie.attributes.get("samesite"), "Strict");
  assert.equal(browser.cookiesFor("/v1/me"), "", "it goes to the session's own routes only");

  const again = await browser.post("refresh");
  assert.equal(again.status, 200);
  assert.deepEqual(Object.keys(again.json).sort(), ["accessToken", "expiresIn", "idToken"]);
  assert.ok(!again.text.includes(browser.jar.get(name)!.value));
  assert.notEqual(browser.jar.get(name)!.value, cookie.value);

  const ended = await browser.post("end");
  assert.equal(ended.status, 204);
  assert.equal(browser.jar.size, 0);
  for (const token of [access, again.json.accessToken as string])
    await until("the token to be refused", async () => (await statusOf(person, token)) === 401, 1_000);
  is(await browser.post("refresh"), 410, "session_ended");
  assert.equal((await browser.post("end")).status, 204, "ending again is no fault");
  assert.equal(await statusOf(person), 200, "the person's other sign-in goes on");
});

test("a sign-up needs one code, and the profile is what booking still asks for", async () => {
  const browser = new Browser();
  const phone = randomPhone();
  const { session, codeLength } = await browser.start(phone, "sign_up", {
    name: "Asha Rao",
    userType: "user",
  });
  assert.equal(codeLength, world().config.otpLength);
  const wrong = await browser.post("verify", { session, phone, code: "x" });
  is(wrong, 409, "code_mismatch");
  const done = await browser.post("verify", { session, phone, code: await nextCode(world(), phone) });
  assert.equal(done.status, 200, done.text);
  assert.equal(done.json.outcome, "signed_in");
  const headers = { authorization: `Bearer ${done.json.accessToken}`, "content-type": "application/json" };
  const me = await send(world().base, "GET", "/v1/me", { headers });
  assert.deepEqual(me.json.profile, { name: "Asha Rao", missing: ["/language", "/city", "/adult"] });
  const body = JSON.stringify({ name: "Asha Rao", language: "hi", city: "Pune", adult: true });
  const put = () => send(world().base, "PUT", "/v1/me/profile", { headers, body });
  const saved = await put();
  assert.deepEqual(saved.json.missing, []);
  assert.equal((await put()).json.adultDeclaredAt, saved.json.adultDeclaredAt);
});

test("a profile that is not whole is refused with every fault, never with the value", async () => {
  const person = await new Person(world()).enter();
  const put = (body: string) =>
    send(world().base, "PUT", "/v1/me/profile", {
      headers: { authorization: `Bearer ${person.tokens!.access}` },
      body,
    });
  const faulty = await put(JSON.stringify({ name: " ", language: "sekrit", city: "", adult: false }));
  is(faulty, 422, "invalid_request");
  const pointers = faulty.json.errors.map(({ pointer }: { pointer: string }) => pointer);
  assert.deepEqual(pointers, ["/name", "/language", "/city", "/adult"]);
  assert.ok(!faulty.text.includes("sekrit"));
  is(await put("{}"), 422, "invalid_request");
  const more = await put(JSON.stringify({ ...userProfile, userType: "astrologer", groups: ["admin"] }));
  is(more, 422, "invalid_request");
  assert.deepEqual(
    more.json.errors.map(({ pointer }: { pointer: string }) => pointer),
    ["/userType", "/groups"],
  );
  is(await put("{"), 400, "malformed_json");
});

test("fifty tabs refresh at once and agree; a copy used later ends them all", async () => {
  const { person, browser } = await signedIn();
  const old = browser.headers("/v1/session/refresh").cookie!;
  const replies = await Promise.all(
    Array.from({ length: 50 }, () =>
      send(world().base, "POST", "/v1/session/refresh", {
        headers: { ...browser.headers("/v1/session/refresh"), cookie: old },
      }),
    ),
  );
  const cookies = new Set(replies.map(({ headers }) => headers.getSetCookie()[0]!.split(";")[0]));
  assert.equal(cookies.size, 1);
  assert.ok(replies.every(({ status }) => status === 200));
  browser.keep(replies[0]!);
  await world().advance(world().config.refreshGraceSeconds + 1);
  const thief = new Browser();
  is(await thief.post("refresh", undefined, { cookie: old }), 410, "session_reused");
  is(await browser.post("refresh"), 410, "session_ended");
  assert.equal(browser.jar.size, 0);
  const { accessToken } = replies[0]!.json;
  await until("the token to be refused", async () => (await statusOf(person, accessToken)) === 401, 1_000);
});

test("of two pages that enter one code at once, one signs in", async () => {
  const person = await new Person(world()).join();
  const browser = new Browser();
  const { session } = await browser.start(person.phone);
  const answer = { session, phone: person.phone, code: await nextCode(world(), person.phone) };
  const replies = await Promise.all([1, 2].map(() => new Browser().post("verify", answer)));
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 410]);
});

test("nothing that another site has a browser send is heard", async () => {
  const { person, browser } = await signedIn();
  const { session } = await browser.start(person.phone);
  const right = { session, phone: person.phone, code: await nextCode(world(), person.phone) };
  const noOrigin = { origin: "", referer: "" };
  const attacks: [string, Record<string, string>, number, string][] = [
    [
      "another origin",
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      403,
      "cross_site",
    ],
    ["a sandboxed frame", { origin: "null" }, 403, "cross_site"],
    ["another port", { origin: "http://127.0.0.1:9" }, 403, "cross_site"],
    ["no origin, cross-site", { ...noOrigin, "sec-fetch-site": "cross-site" }, 403, "cross_site"],
    ["no origin, same site", { ...noOrigin, "sec-fetch-site": "same-site" }, 403, "cross_site"],
    ["nothing said", { ...noOrigin, "sec-fetch-site": "" }, 403, "cross_site"],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, 415, "unsupported_media_type"],
    ["text/plain", { "content-type": "text/plain" }, 415, "unsupported_media_type"],
    ["a form with a file", { "content-type": "multipart/form-data" }, 415, "unsupported_media_type"],
  ];
  const bodies = {
    start: { phone: person.phone, purpose: "sign_in" },
    verify: right,
    refresh: {},
    end: {},
  };
  for (const [what, change, status, code] of attacks) {
    for (const [route, body] of Object.entries(bodies)) {
      const reply = await browser.post(route, body, change);
      assert.equal(`${reply.status} ${reply.json.code}`, `${status} ${code}`, `${what}, ${route}`);
      assert.deepEqual(reply.headers.getSetCookie(), []);
    }
  }
  for (const route of Object.keys(bodies)) {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const headers = browser.headers(`/v1/session/${route}`);
      is(await send(world().base, method, `/v1/session/${route}`, { headers }), 405, "method_not_allowed");
    }
  }
  assert.equal((await browser.post("verify", right)).status, 200, "no attempt was counted");
  assert.equal((await browser.post("refresh")).status, 200, "and no session ended");
});

test("a page of an allowed origin may use cookies, by CORS; others may not", async () => {
  const allowed = "http://localhost:3000";
  const { person } = await signedIn();
  const ask = (origin: string, target: string) =>
    send(world().base, "OPTIONS", target, {
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      },
    });
  const credentials = (reply: Reply) => reply.headers.get("access-control-allow-credentials");
  for (const route of ["start", "verify", "refresh", "end"]) {
    const reply = await ask(allowed, `/v1/session/${route}`);
    assert.equal(credentials(reply), "true");
    assert.equal(reply.headers.get("access-control-allow-origin"), allowed);
    const stranger = await ask("https://evil.example", `/v1/session/${route}`);
    assert.equal(credentials(stranger), null);
    assert.equal(stranger.headers.get("access-control-allow-origin"), null);
  }
  assert.equal(credentials(await ask(allowed, "/v1/holds")), null, "no other route takes cookies");
  const browser = new Browser(allowed);
  const reply = await browser.signIn(person.phone);
  assert.equal(reply.status, 200);
  assert.equal(credentials(reply), "true");
  assert.match(reply.headers.get("vary")!, /origin/i);
});

test("no answer may be kept by a cache", async () => {
  const { person, browser } = await signedIn();
  const replies = [
    await browser.post("refresh"),
    await browser.post("start", { phone: person.phone, purpose: "sign_in" }),
    await browser.post("verify", { session: "x", phone: person.phone, code: "x" }),
    await browser.post("end"),
    await browser.post("refresh"),
    await browser.post("refresh", {}, { origin: "https://evil.example" }),
  ];
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200, 410, 204, 410, 403],
  );
  for (const { headers } of replies) assert.equal(headers.get("cache-control"), "no-store");
});

test("the limits on codes and their wait are told to a page as to every client", async () => {
  const person = await new Person(world()).join(); // one code
  const browser = new Browser();
  await browser.start(person.phone);
  await person.askForCode();
  const refused = await browser.post("start", { phone: person.phone, purpose: "sign_in" });
  is(refused, 429, "too_many_codes");
  assert.equal(refused.headers.get("retry-after"), String(refused.json.retryAfter));
  await world().advance(refused.json.retryAfter);
  await browser.start(person.phone);
});

test("codes come in the language that a user chose", async () => {
  const person = await new Person(world()).join();
  await person.completeProfile({ language: "hi" });
  await new Browser().start(person.phone);
  await nextCode(world(), person.phone);
  const messages = await fetch(`${world().sandbox}/sms?to=${encodeURIComponent(person.phone)}`);
  const [newest] = (await messages.json()) as { text: string }[];
  assert.match(newest!.text, /^\d{6} आपका AstroTalk कोड है।/);
});

test("the person who is signed up already is not told to a stranger", async () => {
  const person = await new Person(world()).join();
  const [known, unknown] = await Promise.all(
    [person.phone, randomPhone()].map((phone) => new Browser().start(phone, "sign_up")),
  );
  assert.deepEqual(Object.keys(known!), Object.keys(unknown!));
});

test("in production the cookie is this host's alone, and only over TLS", async () => {
  const env = {
    ...productionSettings,
    ASTROTALK_TEST_CLOCK: "off",
    ASTROTALK_ISSUER: "https://app.astrotalk.example",
    ...digioSettings,
    ASTROTALK_ALLOWED_ORIGINS: "https://admin.astrotalk.example",
  };
  const secure = await World.open({ env });
  const end = async (origin: string) => {
    const headers = { origin, "content-type": "application/json" };
    return send(secure.base, "POST", "/v1/session/end", { headers });
  };
  try {
    const own = secure.base.replace("http:", "https:");
    for (const origin of [own, "https://admin.astrotalk.example"]) {
      const ended = await end(origin);
      assert.equal(ended.status, 204);
      assert.deepEqual(ended.headers.getSetCookie(), [
        "__Host-astrotalk_session=; Path=/; Secure; Max-Age=0; HttpOnly; SameSite=Strict",
      ]);
    }
    for (const origin of [secure.base, "http://admin.astrotalk.example"])
      is(await end(origin), 403, "cross_site");
  } finally {
    await secure.close();
  }
});

test("staff pass the second factor in a page too, and set it up there the first time", async () => {
  const phone = randomPhone();
  const made = await world().command("admin", "create", "--phone", phone, "--name", "Asha Rao");
  assert.equal(made.code, 0, made.text);
  const page = new Browser();
  const asked = await page.signIn(phone);
  assert.equal(asked.json.outcome, "set_up_second_factor");
  assert.equal(page.jar.size, 0);
  // The session that demands an authenticator is not one of those who have set it up.
  is(await page.post("verify", { session: asked.json.session, phone }), 422, "invalid_request");
  is(
    await page.post("verify", { session: asked.json.session, phone, code: "123456" }),
    410,
    "session_ended",
  );

  const person = new Person(world(), phone);
  const shown = await person.cognito.send(
    new AssociateSoftwareTokenCommand({ Session: asked.json.session }),
  );
  person.authenticator = authenticatorOf(person, shown.SecretCode!);
  const { Session: session } = await person.cognito.send(
    new VerifySoftwareTokenCommand({ Session: shown.Session, UserCode: person.authenticator.code() }),
  );
  is(await page.post("verify", { session, phone: randomPhone() }), 410, "session_ended");
  const first = await page.post("verify", { session, phone });
  assert.equal(first.json.outcome, "signed_in", first.text);
  is(await page.post("verify", { session, phone }), 410, "session_ended");

  const elsewhere = new Browser();
  const again = await elsewhere.signIn(phone);
  assert.equal(again.json.outcome, "second_factor");
  const answer = (code: string) => elsewhere.post("verify", { session: again.json.session, phone, code });
  is(await answer(person.authenticator.wrongCode()), 409, "code_mismatch");
  const code = person.authenticator.code();
  const signedIn = await answer(code);
  assert.equal(signedIn.json.outcome, "signed_in", signedIn.text);
  is(await answer(code), 410, "session_ended");
  person.tokens = { access: signedIn.json.accessToken, id: "", refresh: "" };
  await ok(person.api.GET("/v1/admin/users", { params: { query: { reason: "Looking" } } }));
  const refreshed = await elsewhere.post("refresh");
  assert.deepEqual(claimsOf(refreshed.json.accessToken).amr, ["sms", "otp", "mfa"]);
});
