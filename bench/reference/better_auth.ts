// The peer of our log in: better-auth with its phone-number plugin, set up as its documentation says for
// production. What is not said here is at its default; its rate limiter is on because NODE_ENV is production.
//
//   better_auth.ts PORT SMS_URL      the database is named by PGHOST, PGUSER and PGDATABASE
//
// A code leaves by an HTTP request to the same SMS provider, over a kept connection, as ours do. The callback
// does not wait for it, as the plugin's documentation advises.
import { randomBytes } from "node:crypto";
import { Agent, createServer, request } from "node:http";

import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { phoneNumber } from "better-auth/plugins/phone-number";
import { Pool } from "pg";

const [port, provider] = process.argv.slice(2);
if (!port || !provider) throw new Error("better_auth.ts PORT SMS_URL");

const agent = new Agent({ keepAlive: true });

function sendOTP(what: { phoneNumber: string; code: string }): void {
  const body = JSON.stringify({ to: what.phoneNumber, text: `${what.code} is your code.` });
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  request(provider!, { method: "POST", agent, headers }, (answer) => answer.resume())
    .on("error", (why) => console.error(`no SMS was sent: ${why.message}`))
    .end(body);
}

const auth = betterAuth({
  baseURL: `http://127.0.0.1:${port}`,
  secret: randomBytes(32).toString("hex"),
  database: new Pool({ max: 16 }), // as many as our server writes with
  // Every read of a session that does not forbid it writes a new expiry: the nearest thing to our refresh.
  session: { updateAge: 0 },
  plugins: [
    phoneNumber({
      sendOTP,
      signUpOnVerification: { getTempEmail: (phone) => `${phone.slice(1)}@bench.invalid` },
    }),
  ],
});

await (await getMigrations(auth.options)).runMigrations();
const server = createServer(toNodeHandler(auth));
server.keepAliveTimeout = 75_000; // as long as ours keeps an idle connection
server.listen(Number(port), "127.0.0.1");
