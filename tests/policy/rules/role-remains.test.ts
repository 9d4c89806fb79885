import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { roleLeavesNothingBehind } from "../../../policy/rules/role-leaves-nothing-behind";
import { type Registered, UNKNOWN, violations } from "../analysis";
import { inTenant, outside } from "../urns";

const ROLE = "postgresql:index/role:Role";
const OWN = { name: "user_acme", skipReassignOwned: true };
const BEQUEST = "What it owns would be the admin's once it is dropped. Set skipReassignOwned to true.";
const SURVIVOR = "Its login would outlive the tenant. Leave skipDropRole out.";

describe("policy role-leaves-nothing-behind", () => {
  it("passes a role that is dropped with all that it owns, and one that is no tenant's", async () => {
    assert.deepEqual(await told(OWN), []);
    assert.deepEqual(await told({ ...OWN, skipDropRole: false }), []);
    assert.deepEqual(await told({ name: "reports", skipDropRole: true }, outside(ROLE, "reports")), []);
  });

  it("stops one whose objects would be the admin's", async () => {
    for (const skipReassignOwned of [false, null, "true"]) {
      assert.deepEqual(await told({ ...OWN, skipReassignOwned }), [BEQUEST]);
    }
    assert.deepEqual(await told({ name: "user_acme" }), [BEQUEST]);
  });

  it("stops one that stays, also beside what is not known yet", async () => {
    for (const skipDropRole of [true, "false", 0]) assert.deepEqual(await told({ ...OWN, skipDropRole }), [SURVIVOR]);
    assert.deepEqual(await told({ skipReassignOwned: UNKNOWN, skipDropRole: true }), [SURVIVOR]);
    assert.deepEqual(await told({ skipReassignOwned: false, skipDropRole: UNKNOWN }), [BEQUEST]);
  });
});

async function told(props: Registered["props"], urn = inTenant(ROLE, "acme-role")): Promise<string[]> {
  const found = await violations([roleLeavesNothingBehind], { urn, props });
  return found.map((one) => one.split("\n")[1] ?? "");
}
