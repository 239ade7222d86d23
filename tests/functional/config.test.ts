// Configuration is read as a whole and refused as a whole.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { bareEnvironment, scratchDirectory } from "./support/cluster.ts";
import { digioSettings } from "./support/kyc.ts";
import { run } from "./support/program.ts";
import { productionSettings, snsSettings } from "./support/sms.ts";
import { astrotalk, root } from "./support/world.ts";

const program = (args: string[], env: Record<string, string>) =>
  run(astrotalk, args, { ...bareEnvironment(), ...env }, root);

test("every fault is listed at once, and nothing is started", async () => {
  const { code, text } = await program(["serve"], {
    PORT: "eighty",
    ASTROTALK_IO_THREADS: "0",
    ASTROTALK_OTP_LENGTH: "12",
    ASTROTALK_PHONE_COUNTRIES: "IN,ZZ",
    ASTROTALK_TEST_CLOCK: "maybe",
    ASTROTALK_ENV: "staging",
    DATABASE_URL: "postgresql://[",
  });
  assert.equal(code, 2, text);
  const names = [
    "PORT",
    "ASTROTALK_IO_THREADS",
    "ASTROTALK_OTP_LENGTH",
    "ASTROTALK_PHONE_COUNTRIES",
    "ASTROTALK_TEST_CLOCK",
    "ASTROTALK_ENV",
    "DATABASE_URL",
  ];
  for (const name of names) assert.match(text, new RegExp(`^\\s*${name}: expected `, "m"), name);
});

test("an unknown name is refused: a mistyped limit is a missing limit", async () => {
  const { code, text } = await program(["serve"], { ASTROTALK_IP_RATES: "5" });
  assert.equal(code, 2);
  assert.match(text, /ASTROTALK_IP_RATES/);
});

test("config shows every setting with the secrets redacted", async () => {
  const { code, text } = await program(["config"], {
    DATABASE_URL: "postgresql://me:hunter2@db.example/x",
    PORT: "8123",
  });
  assert.equal(code, 0, text);
  assert.match(text, /^PORT=8123$/m);
  assert.match(text, /^DATABASE_URL=\(redacted\)$/m);
  assert.doesNotMatch(text, /hunter2/);
  assert.match(text, /^ASTROTALK_OTP_LENGTH=6 +# default$/m);
});

test("production refuses plaintext, the sandbox, the test clock, and unverified databases", async () => {
  const { code, text } = await program(["serve"], {
    ASTROTALK_ENV: "production",
    DATABASE_URL: "postgresql://me@db.example/x",
    ASTROTALK_TEST_CLOCK: "on",
    ASTROTALK_ISSUER: "http://auth.example",
    REDIS_URL: "redis://cache.example",
  });
  assert.equal(code, 2);
  const names = [
    "DATABASE_URL",
    "ASTROTALK_TEST_CLOCK",
    "ASTROTALK_SMS",
    "ASTROTALK_TLS_PROXY",
    "ASTROTALK_ISSUER",
    "REDIS_URL",
  ];
  for (const name of names) assert.match(text, new RegExp(`^\\s*${name}: expected `, "m"), name);
});

test("a certificate will do instead of a proxy; what names no address and no Redis will not", async () => {
  const own = { ASTROTALK_TLS_CERTIFICATE: "/tls/chain.pem", ASTROTALK_TLS_KEY: "/tls/key.pem" };
  const { text } = await program(["config"], {
    ASTROTALK_ENV: "production",
    REDIS_URL: "rediss://app:hunter2@cache.example/1",
    ...own,
  });
  assert.doesNotMatch(text, /(ASTROTALK_TLS_PROXY|REDIS_URL): expected|hunter2/);
  const wrong = await program(["serve"], {
    REDIS_URL: "cache.example:6379",
    ASTROTALK_TRUSTED_PROXIES: "10.0.0.0/8,the proxy",
    ASTROTALK_TLS_CERTIFICATE: "/tls/chain.pem",
  });
  assert.equal(wrong.code, 2);
  for (const name of ["REDIS_URL", "ASTROTALK_TRUSTED_PROXIES", "ASTROTALK_TLS_KEY"])
    assert.match(wrong.text, new RegExp(`^\\s*${name}: expected `, "m"), name);
});

test("SNS is refused without its keys and a registration of every text", async () => {
  const { code, text } = await program(["serve"], { ASTROTALK_SMS: "sns" });
  assert.equal(code, 2);
  const names = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "ASTROTALK_DLT_ENTITY",
    "ASTROTALK_DLT_HEADER",
  ];
  for (const name of [...names, "ASTROTALK_DLT_TEMPLATES"])
    assert.match(text, new RegExp(`^\\s*${name}: expected `, "m"), name);
  const unknown = {
    ...snsSettings,
    ASTROTALK_DLT_TEMPLATES: `${snsSettings.ASTROTALK_DLT_TEMPLATES},x.en=1`,
  };
  const shown = await program(["config"], unknown);
  assert.match(shown.text, /ASTROTALK_DLT_TEMPLATES: expected /);
  assert.doesNotMatch((await program(["config"], snsSettings)).text, /wJalrXUtnFEMI/);
});

test("e-mail is off in production unless SES is set up whole", async () => {
  const production = {
    ...productionSettings,
    DATABASE_URL: "postgresql:///x?host=/nowhere",
    ASTROTALK_ISSUER: "https://auth.example/pool",
    ...digioSettings,
  };
  const shown = await program(["config"], production);
  assert.equal(shown.code, 0, shown.text);
  assert.match(shown.text, /^ASTROTALK_EMAIL=none +# default$/m);
  const sandbox = await program(["serve"], { ...production, ASTROTALK_EMAIL: "sandbox" });
  assert.equal(sandbox.code, 2);
  assert.match(sandbox.text, /ASTROTALK_EMAIL: expected /);
  const ses = { ASTROTALK_EMAIL: "ses", AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
  const bare = await program(["serve"], { ASTROTALK_EMAIL_FROM: "two@a.in, more@a.in", ...ses });
  assert.equal(bare.code, 2);
  for (const name of ["ASTROTALK_EMAIL_FROM", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    assert.match(bare.text, new RegExp(`^\\s*${name}: expected `, "m"), name);
  const whole = {
    ...production,
    ASTROTALK_EMAIL: "ses",
    ASTROTALK_EMAIL_FROM: "no-reply@astrotalk.example",
  };
  assert.equal((await program(["config"], whole)).code, 0);
  const plain = await program(["serve"], { ...whole, ASTROTALK_SES_URL: "http://ses.example" });
  assert.match(plain.text, /ASTROTALK_SES_URL: expected /);
});

test("production wants somebody to complain to, and secrets that are secret", async () => {
  const { code, text } = await program(["serve"], {
    ASTROTALK_ENV: "production",
    ASTROTALK_DIGIO_WEBHOOK_SECRET: "short",
    ASTROTALK_FCM_URL: "http://fcm.example",
  });
  assert.equal(code, 2);
  for (const name of ["ASTROTALK_GRIEVANCE_CONTACT", "ASTROTALK_DIGIO_WEBHOOK_SECRET", "ASTROTALK_FCM_URL"])
    assert.match(text, new RegExp(`^\\s*${name}: expected `, "m"), name);
  const same = { ASTROTALK_DIGIO_WEBHOOK_SECRET: "s", ASTROTALK_DIGIO_WEBHOOK_SECRET_PREVIOUS: "s" };
  assert.match((await program(["serve"], same)).text, /SECRET_PREVIOUS: expected /);
  const sandbox = {
    ASTROTALK_ENV: "production",
    ASTROTALK_DIGIO_WEBHOOK_SECRET: "the-sandbox-s-own-secret",
  };
  assert.match((await program(["serve"], sandbox)).text, /ASTROTALK_DIGIO_WEBHOOK_SECRET: expected /);
  const hidden = await program(["config"], { ASTROTALK_DIGIO_WEBHOOK_SECRET: "hunter2hunter2" });
  assert.doesNotMatch(hidden.text, /hunter2/);
});

test("production wants Razorpay's key over TLS, and shows no secret of it", async () => {
  const bare = await program(["serve"], {
    ASTROTALK_ENV: "production",
    ASTROTALK_RAZORPAY_URL: "http://api.razorpay.example",
    ASTROTALK_RAZORPAY_WEBHOOK_SECRET: "short",
    ASTROTALK_GST_BASIS_POINTS: "18%",
  });
  assert.equal(bare.code, 2);
  for (const name of ["URL", "KEY_ID", "KEY_SECRET", "WEBHOOK_SECRET"])
    assert.match(bare.text, new RegExp(`^\\s*ASTROTALK_RAZORPAY_${name}: expected `, "m"), name);
  assert.match(bare.text, /^\s*ASTROTALK_GST_BASIS_POINTS: expected /m);
  const shown = await program(["config"], productionSettings);
  assert.match(shown.text, /rzp_live_key/);
  assert.doesNotMatch(shown.text, /hunter2/);
});

test("production wants Digio's credentials over TLS, and a policy that can be", async () => {
  const bare = await program(["serve"], {
    ASTROTALK_ENV: "production",
    ASTROTALK_DIGIO_URL: "http://ext.digio.example:444",
  });
  assert.equal(bare.code, 2);
  for (const name of ["ASTROTALK_DIGIO_URL", "ASTROTALK_DIGIO_CLIENT_ID", "ASTROTALK_DIGIO_CLIENT_SECRET"])
    assert.match(bare.text, new RegExp(`^\\s*${name}: expected `, "m"), name);
  const shown = await program(["config"], digioSettings);
  assert.doesNotMatch(shown.text, /hunter2/);
  const file = join(await scratchDirectory("policy"), "policy.json");
  for (const wrong of ['{"adultAge": 16}', '{"nmaeSame": 90}', "no JSON"]) {
    await writeFile(file, wrong);
    assert.match(
      (await program(["serve"], { ASTROTALK_KYC_POLICY: file })).text,
      /ASTROTALK_KYC_POLICY: expected /,
    );
  }
  await writeFile(file, '{"fourEyes": true}');
  assert.doesNotMatch(
    (await program(["config"], { ASTROTALK_KYC_POLICY: file })).text,
    /KYC_POLICY: expected/,
  );
});

test("demo data and the code of its administrator are refused in production", async () => {
  for (const command of ["demo", "totp"]) {
    const { code, text } = await program([command], {
      ...productionSettings,
      DATABASE_URL: "postgresql:///x?host=/nowhere",
      ASTROTALK_ISSUER: "https://auth.example/pool",
      ...digioSettings,
    });
    assert.equal(code, 1, text);
    assert.match(text, /production/);
  }
});

test("an unknown command explains itself", async () => {
  const { code, text } = await program(["srve"], {});
  assert.equal(code, 2);
  assert.match(text, /--help/);
});
