// Personal data moves to a new key while the server runs.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Cluster } from "./support/cluster.ts";
import { takeBroken } from "./support/contract.ts";
import { ok } from "./support/expect.ts";
import { attributesOf, Operator } from "./support/operator.ts";
import { Person, userProfile } from "./support/person.ts";
import { randomMailbox } from "./support/place.ts";
import { prepareTemplate, World } from "./support/world.ts";

let cluster: Cluster;
let world: World;

before(async () => {
  cluster = await Cluster.create();
  await prepareTemplate(cluster);
  world = await World.open({
    cluster,
    env: {
      ASTROTALK_IP_RATE: "100000",
      ASTROTALK_IP_BURST: "100000",
      ASTROTALK_USER_RATE: "100000",
      ASTROTALK_USER_BURST: "100000",
    },
  });
});

afterEach(() => assert.deepEqual(takeBroken(), [], "answers broke the contract"));

after(async () => {
  await world?.close();
  await cluster?.destroy();
});

const sealingKeys = () =>
  world.query("select distinct encode(substring(phone_sealed from 2 for 4), 'hex') from pool_user");

test("people are read and sign in before, during and after a change of the data key", async () => {
  const people = await Promise.all(Array.from({ length: 5 }, () => new Person(world).join()));
  const admin = await world.admin();
  const address = randomMailbox();
  await new Operator(world).update(people[0]!.phone, "email", address);
  const [old] = (await sealingKeys()).split("\n");
  let stop = false;
  const reading = (async () => {
    for (let i = 0; !stop; ++i) {
      const person = people[i % people.length]!;
      const me = await ok(person.api.GET("/v1/me"));
      assert.deepEqual([me.phone, me.profile?.city], [person.phone, userProfile.city]);
    }
  })();
  const changed = await world.command("keys", "rotate-data");
  const late = await new Person(world).join();
  stop = true;
  await reading;
  assert.equal(changed.code, 0, changed.text);
  assert.match(changed.text, /pool_user\.phone: [1-9]\d* sealed anew, 0 could not be opened/);
  assert.match(changed.text, /pool_user\.city: [1-9]\d* sealed anew, 0 could not be opened/);
  assert.match(changed.text, /pool_user\.email: 1 sealed anew, 0 could not be opened/);
  assert.match(changed.text, /admin_credential\.secret: 1 sealed anew, 0 could not be opened/);
  assert.match(changed.text, /software_token\.secret: 1 sealed anew, 0 could not be opened/);
  const keys = (await sealingKeys()).split("\n");
  assert.equal(keys.length, 1);
  assert.notEqual(keys[0], old);
  assert.equal((await ok(late.api.GET("/v1/me"))).phone, late.phone);
  await world.server.kill();
  await world.startServer();
  await people[0]!.signIn();
  await admin.signIn();
  const operator = new Operator(world);
  const kept = await operator.get(people[0]!.phone);
  assert.equal(kept.Username, people[0]!.sub);
  assert.equal(attributesOf(kept.UserAttributes).email, address);
  const again = await world.command("keys", "rotate-data", "--resume");
  assert.match(again.text, /pool_user\.phone: 0 sealed anew/);
});
