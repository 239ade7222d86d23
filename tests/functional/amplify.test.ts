// A stock Amplify app against this user pool: everything but the endpoint as if it were Amazon's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Amplify } from "aws-amplify";
import {
  autoSignIn,
  confirmSignIn,
  confirmSignUp,
  confirmUserAttribute,
  deleteUser,
  fetchAuthSession,
  fetchUserAttributes,
  getCurrentUser,
  resendSignUpCode,
  signIn,
  signOut,
  signUp,
  updateUserAttributes,
} from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { rejected } from "./support/expect.ts";
import { nextCode, randomPhone } from "./support/place.ts";
import { useWorld } from "./support/world.ts";

// Amplify gives an automatic sign-in three minutes by a timer that nothing ends: it must not keep this
// process.
const setTimer = globalThis.setTimeout;
globalThis.setTimeout = ((run: () => void, after?: number) => {
  const timer = setTimer(run, after);
  return (after ?? 0) < 60_000 ? timer : timer.unref();
}) as typeof setTimeout;

const kept = new Map<string, string>();

const world = useWorld({}, async ({ base, config }) => {
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId: config.userPoolId,
        userPoolClientId: config.clientId,
        userPoolEndpoint: new URL(config.cognitoEndpoint, base).href,
      },
    },
  });
  cognitoUserPoolsTokenProvider.setKeyValueStorage({
    setItem: async (key, value) => void kept.set(key, value),
    getItem: async (key) => kept.get(key) ?? null,
    removeItem: async (key) => void kept.delete(key),
    clear: async () => kept.clear(),
  });
});

const code = (phone: string) => nextCode(world(), phone);
const other = (given: string) =>
  String((Number(given) + 1) % 10 ** given.length).padStart(given.length, "0");
const bearer = async () => String((await fetchAuthSession()).tokens!.accessToken);
const answers = async (token: string) =>
  (await fetch(`${world().base}/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status;

// One conversation in order, as Amplify keeps one user at a time.
test("Amplify signs up, in and out, refreshes, changes the phone and deletes the user", async () => {
  const username = randomPhone();
  const begun = await signUp({
    username,
    options: {
      userAttributes: { phone_number: username, name: "Asha Rao", "custom:user_type": "user" },
      autoSignIn: { authFlowType: "USER_AUTH" },
    },
  });
  assert.equal(begun.nextStep.signUpStep, "CONFIRM_SIGN_UP");
  await code(username);
  await resendSignUpCode({ username });
  const confirmation = await code(username);
  await rejected(
    confirmSignUp({ username, confirmationCode: other(confirmation) }),
    "CodeMismatchException",
  );
  const confirmed = await confirmSignUp({ username, confirmationCode: confirmation });
  assert.equal(confirmed.nextStep.signUpStep, "COMPLETE_AUTO_SIGN_IN");
  assert.equal((await autoSignIn()).nextStep.signInStep, "DONE");
  assert.equal(await answers(await bearer()), 200);

  const { userId } = await getCurrentUser();
  assert.equal((await fetchUserAttributes()).sub, userId);
  const before = await bearer();
  const again = await fetchAuthSession({ forceRefresh: true });
  assert.notEqual(String(again.tokens!.accessToken), before);

  await signOut();
  assert.equal(kept.size, 0);
  const challenge = await signIn({
    username,
    options: { authFlowType: "USER_AUTH", preferredChallenge: "SMS_OTP" },
  });
  assert.equal(challenge.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_SMS_CODE");
  const otp = await code(username);
  await rejected(confirmSignIn({ challengeResponse: other(otp) }), "CodeMismatchException");
  assert.equal((await confirmSignIn({ challengeResponse: otp })).nextStep.signInStep, "DONE");

  await world().advance(15 * 60);
  await signOut({ global: true });
  const choice = await signIn({ username, options: { authFlowType: "USER_AUTH" } });
  assert.equal(choice.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION");
  const chosen = await confirmSignIn({ challengeResponse: "SMS_OTP" });
  assert.equal(chosen.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_SMS_CODE");
  await confirmSignIn({ challengeResponse: await code(username) });

  const changed = randomPhone();
  const update = await updateUserAttributes({ userAttributes: { phone_number: changed } });
  assert.equal(update.phone_number?.nextStep.updateAttributeStep, "CONFIRM_ATTRIBUTE_WITH_CODE");
  await confirmUserAttribute({
    userAttributeKey: "phone_number",
    confirmationCode: await code(changed),
  });
  assert.equal((await fetchUserAttributes()).phone_number, changed);

  const last = await bearer();
  await deleteUser();
  assert.equal(kept.size, 0);
  await world().advance(2); // the feed of what has ended is read five times a second
  assert.equal(await answers(last), 401);
});
