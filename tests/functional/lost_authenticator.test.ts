// An authenticator that staff have lost, and every way to reset it.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AdminDeleteSoftwareTokenCommand,
  AdminSetUserMFAPreferenceCommand,
  AssociateSoftwareTokenCommand,
  type EmailMfaSettingsType,
  SetUserMFAPreferenceCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { ok, rejected } from "./support/expect.ts";
import { diesWithinASecond, Operator } from "./support/operator.ts";
import { randomPhone } from "./support/place.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();

test("staff cannot turn it off; an operator resets a lost one, and every sign-in ends", async () => {
  const operator = new Operator(world());
  const { UserPoolId } = operator;
  const send = (Username: string, SoftwareTokenMfaSettings: EmailMfaSettingsType) =>
    operator.cognito.send(
      new AdminSetUserMFAPreferenceCommand({ UserPoolId, Username, SoftwareTokenMfaSettings }),
    );
  const resets: ((phone: string) => Promise<unknown>)[] = [
    (Username) => send(Username, { Enabled: false }),
    (Username) => operator.cognito.send(new AdminDeleteSoftwareTokenCommand({ UserPoolId, Username })),
    (phone) => world().command("admin", "reset-factor", "--phone", phone),
  ];
  for (const reset of resets) {
    const admin = await world().admin();
    const off = new SetUserMFAPreferenceCommand({
      AccessToken: admin.tokens!.access,
      SoftwareTokenMfaSettings: { Enabled: false },
    });
    await rejected(admin.cognito.send(off), "InvalidParameterException");
    const known = await operator.get(admin.phone);
    assert.deepEqual(known.UserMFASettingList, ["SOFTWARE_TOKEN_MFA"]);
    assert.equal(known.PreferredMfaSetting, "SOFTWARE_TOKEN_MFA");
    await reset(admin.phone);
    await diesWithinASecond(admin);
    await rejected(admin.useRefreshToken(), "NotAuthorizedException");
    assert.equal((await operator.get(admin.phone)).UserMFASettingList, undefined);
    await rejected(send(admin.phone, { Enabled: true }), "InvalidParameterException");
    const { Session } = await admin.askForCode();
    const asked = await admin.answer(Session!, await admin.code());
    assert.equal(asked.ChallengeName, "MFA_SETUP");
    const old = admin.authenticator!;
    await admin.signIn();
    assert.notEqual(admin.authenticator!.secret, old.secret);
    const late = new AssociateSoftwareTokenCommand({ Session: asked.Session });
    await rejected(admin.cognito.send(late), "NotAuthorizedException");
    const { items } = await ok(admin.api.GET("/v1/admin/audit", { params: { query: { limit: 100 } } }));
    const acts = items.filter(({ subjectId }) => subjectId === admin.sub).map(({ action }) => action);
    assert.equal(acts.filter((action) => action === "second_factor.reset").length, 1, acts.join());
    assert.equal(acts.filter((action) => action === "second_factor.set_up").length, 2, acts.join());
  }
  const nobody = await world().command("admin", "reset-factor", "--phone", randomPhone());
  assert.equal(nobody.code, 1, nobody.text);
  assert.match(nobody.text, /nobody has this phone/);
  const mistyped = await world().command("admin", "reset-factor", "--phone", "98000 00009");
  assert.equal(mistyped.code, 1, mistyped.text);
  assert.match(mistyped.text, /country code/);
});
