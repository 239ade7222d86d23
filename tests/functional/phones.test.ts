// Which usernames are phone numbers: libphonenumber decides, and the server's own table agrees.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CountryCode, getCountryCallingCode, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { randomAddress } from "./support/place.ts";
import { wire } from "./support/wire.ts";
import { useWorld } from "./support/world.ts";

// Some share a calling code with others (US, GB, IT, KZ), some have long patterns (AR, MX) or lengths that
// differ (DE, BR, ID).
const served: CountryCode[] = [
  "IN",
  "NP",
  "BD",
  "US",
  "GB",
  "IT",
  "KZ",
  "AR",
  "MX",
  "DE",
  "BR",
  "ID",
  "SG",
];
const world = useWorld({ env: { ASTROTALK_PHONE_COUNTRIES: served.join() } });

// Choosing a challenge is asked first, so nothing is sent and no limit is reached.
async function accepts(number: string): Promise<boolean> {
  const { response, json } = await wire(
    world(),
    "InitiateAuth",
    {
      ClientId: world().config.clientId,
      AuthFlow: "USER_AUTH",
      AuthParameters: { USERNAME: number },
    },
    { "x-forwarded-for": randomAddress() },
  );
  if (response.status === 200) return true;
  assert.equal(json.__type, "InvalidParameterException", number);
  return false;
}

// A small generator with a seed, so that a failure can be seen again.
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function isServedMobile(number: string): boolean {
  const parsed = parsePhoneNumberFromString(number);
  return (
    parsed !== undefined &&
    parsed.number === number &&
    parsed.isValid() &&
    ["MOBILE", "FIXED_LINE_OR_MOBILE"].includes(parsed.getType() ?? "") &&
    served.includes(parsed.country!)
  );
}

test("thousands of numbers are accepted or refused as libphonenumber says", async () => {
  const seed = 20260711;
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]) => from[random(from.length)]!;
  const digits = (count: number) => Array.from({ length: count }, () => random(10)).join("");
  const lengths = [...Array(8).fill(10), 7, 8, 9, 9, 11, 11, 12];
  const numbers = Array.from(
    { length: 8000 },
    () => `+${getCountryCallingCode(pick([...served, "FR", "GG"] as const))}${digits(pick(lengths))}`,
  );
  // Random digits are rarely an Indian mobile near the borders of a series.
  for (let i = 0; i < 2000; ++i) numbers.push(`+91${pick(["6", "7", "8", "9"])}${digits(9)}`);
  const wrong: string[] = [];
  let accepted = 0;
  const queue = [...numbers];
  const worker = async () => {
    for (let number = queue.pop(); number; number = queue.pop()) {
      const got = await accepts(number);
      accepted += Number(got);
      if (got !== isServedMobile(number)) wrong.push(`${number} ${got ? "accepted" : "refused"}`);
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  assert.deepEqual(wrong.slice(0, 20), [], `${wrong.length} of ${numbers.length} differ, seed ${seed}`);
  assert.ok(accepted > 1500 && accepted < 9000, `${accepted} accepted`);
});

test("every way of writing one number is one number, and the national form is none", async () => {
  for (const written of ["+91 98765 43210", "+91-98765-43210", "+91 (98765) 43210", "+91.98765.43210"])
    assert.ok(await accepts(written), written);
  for (const written of ["9876543210", "09876543210", "919876543210", "00919876543210", "+9109876543210"])
    assert.ok(!(await accepts(written)), written);
});
