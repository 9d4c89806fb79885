import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, it } from "node:test";
import { leftovers } from "./leftovers";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

const SLUGS = Array.from({ length: 50 }, (_, i) => `tenant_${i + 1}`);
const LEAVING = "tenant_5";

/** Fifty proved backups would add nothing to a few but their time. */
const BACKED_UP = 3;
const files = SLUGS.map((slug, i) => [slug, `${frontend(slug)}offboarding: { backup: ${i < BACKED_UP} }\n`]);

const rehearsal = new ScratchRehearsal(Object.fromEntries(files));
after(() => rehearsal.remove());

let everything: string[];

it("fifty tenants come to life in one up", async () => {
  const { ok, failures } = await rehearsal.up();
  assert.deepEqual([failures, ok], [[], true]);
  everything = await leftovers(rehearsal);
  for (const kind of [
    "role user_",
    "schema schema_",
    "instance of ",
    "IAM role ",
    "instance profile ",
    "security group: ",
    "alarm ",
  ]) {
    assert.equal(everything.filter((line) => line.startsWith(kind)).length, SLUGS.length, kind);
  }
  assert.equal(everything.filter((line) => line.startsWith("parameter ")).length, SLUGS.length * 5);
});

it("a second up changes nothing, and does not write the state", async () => {
  const before = rehearsal.stateHash;
  const { ok, changes } = await rehearsal.up();
  assert.deepEqual([changes, ok], [[], true]);
  assert.equal(rehearsal.stateHash, before);
});

it("a file removed takes that tenant away and touches no other, whose slug it begins least of all", async () => {
  rehearsal.withdraw(LEAVING);
  const { ok, changes, failures } = await rehearsal.up();
  assert.deepEqual([failures, ok], [[], true]);
  assert.ok(changes.length > 20);
  assert.deepEqual(
    changes.filter((change) => change !== `delete ${LEAVING}` && !change.startsWith(`delete ${LEAVING}-`)),
    [],
  );
  const theirs = new RegExp(`(?<![a-z])(\\w+_)?${LEAVING}\\b`);
  assert.deepEqual(
    await leftovers(rehearsal),
    everything.filter((line) => !theirs.test(line)),
  );
});

it("destroy leaves nothing behind", async () => {
  const { ok, state, failures } = await rehearsal.destroy();
  assert.deepEqual([failures, ok, state.resources], [[], true, []]);
  assert.deepEqual(await leftovers(rehearsal), []);
  assert.equal(readdirSync(rehearsal.home.backups).length, BACKED_UP * 2);
});
