import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { roleLeavesNothingBehind } from "../../../policy/rules/role";
import { messages, UNKNOWN } from "../analysis";
import { inTenant } from "../urns";

const ROLE = inTenant("postgresql:index/role:Role", "acme-role");
const OWN = { name: "user_acme", skipReassignOwned: true };
const BEQUEST = "What it owns would go to the admin once it is dropped. Set skipReassignOwned to true.";
const SURVIVOR = "Its skipDropRole is set. Leave it out: the login would outlive the tenant.";

describe("policy role-leaves-nothing-behind", () => {
  it("passes a role that is dropped with all that it owns", async () => {
    assert.deepEqual(await violationsOf(OWN), []);
    assert.deepEqual(await violationsOf({ ...OWN, skipDropRole: false }), []);
  });

  it("stops one whose objects would go to the admin", async () => {
    for (const skipReassignOwned of [false, null, "true"]) {
      assert.deepEqual(await violationsOf({ ...OWN, skipReassignOwned }), [BEQUEST]);
    }
    assert.deepEqual(await violationsOf({ name: "user_acme" }), [BEQUEST]);
  });

  it("stops one that stays, also next to what is not known yet", async () => {
    for (const skipDropRole of [true, "false", 0])
      assert.deepEqual(await violationsOf({ ...OWN, skipDropRole }), [SURVIVOR]);
    assert.deepEqual(await violationsOf({ skipReassignOwned: UNKNOWN, skipDropRole: true }), [SURVIVOR]);
    assert.deepEqual(await violationsOf({ skipReassignOwned: false, skipDropRole: UNKNOWN }), [BEQUEST]);
  });
});

function violationsOf(props: object): Promise<string[]> {
  return messages(roleLeavesNothingBehind, ROLE, props);
}
