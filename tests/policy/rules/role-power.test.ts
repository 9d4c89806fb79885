import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { roleWithoutPower } from "../../../policy/rules/role";
import { messages, secret, UNKNOWN } from "../analysis";
import { inTenant } from "../urns";

const ROLE = inTenant("postgresql:index/role:Role", "acme-role");
const OWN = { name: "user_acme", login: true, password: secret("hunter2"), inherit: true };
const POWERS = ["superuser", "createRole", "createDatabase", "bypassRowLevelSecurity", "replication"];

describe("policy role-without-power", () => {
  it("passes a role without powers", async () => {
    assert.deepEqual(await violationsOf(OWN), []);
    const without = Object.fromEntries(POWERS.map((power) => [power, false]));
    assert.deepEqual(await violationsOf({ ...OWN, ...without, roles: [], assumeRole: "" }), []);
  });

  for (const power of POWERS) {
    it(`stops ${power}`, async () => {
      for (const value of [true, "true", "false", 1, 0, {}, secret("true")]) {
        assert.deepEqual(await violationsOf({ ...OWN, [power]: value }), [
          `Its ${power} is set. Leave it out: only the admin has that power.`,
        ]);
      }
    });
  }

  it("stops a role that has another one's rights", async () => {
    for (const roles of [["postgres"], ["user_beta"], "postgres", {}]) {
      assert.deepEqual(await violationsOf({ ...OWN, roles }), [
        "Its roles is set. Leave it out: the role would have their rights. Grant it what it needs.",
      ]);
    }
    assert.deepEqual(await violationsOf({ ...OWN, assumeRole: "postgres" }), [
      "Its assumeRole is set. Leave it out: the login would act as another role.",
    ]);
  });

  it("passes a second login that acts as its tenant's role, and stops one that acts as another", async () => {
    const second = { ...OWN, name: "user2_acme", roles: ["user_acme"], assumeRole: "user_acme" };
    assert.deepEqual(await violationsOf(second), []);
    for (const wrong of [
      { roles: ["user_beta"] },
      { roles: ["user_acme", "postgres"] },
      { roles: "user_acme" },
      { assumeRole: "user_beta" },
    ]) {
      assert.match(
        (await violationsOf({ ...second, ...wrong })).join(),
        /^Its (roles|assumeRole) is set\. Leave it out/,
      );
    }
    for (const name of ["user_acme", "user2_beta"]) {
      assert.match((await violationsOf({ ...second, name })).join(), /Its roles is set/);
    }
  });

  it("stops a role that is not named after its tenant", async () => {
    for (const name of ["user_beta", "user_acme2", "postgres", "", null]) {
      assert.match(
        (await violationsOf({ ...OWN, name })).join(),
        /^Its name is .*\. In tenant "acme" it has to be "user_acme" or "user2_acme"\.$/,
      );
    }
  });

  it("reports every violation, also next to what a preview does not know", async () => {
    const all = Object.fromEntries(POWERS.map((power) => [power, true]));
    assert.equal((await violationsOf({ ...all, name: "x", roles: ["y"], assumeRole: "z" })).length, 8);
    for (const unknown of [...POWERS, "name", "roles", "assumeRole"]) {
      const props = { ...all, name: "x", roles: ["y"], assumeRole: "z", [unknown]: UNKNOWN };
      assert.equal((await violationsOf(props)).length, 7, unknown);
    }
  });

  it("says nothing of the password", async () => {
    assert.doesNotMatch((await violationsOf({ ...OWN, name: "x", superuser: true })).join(), /hunter2/);
  });
});

function violationsOf(props: object): Promise<string[]> {
  return messages(roleWithoutPower, ROLE, props);
}
