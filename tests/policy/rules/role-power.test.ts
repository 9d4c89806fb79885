import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { roleWithoutPower } from "../../../policy/rules/role-without-power";
import { type Registered, secret, UNKNOWN, violations } from "../analysis";
import { inTenant, outside } from "../urns";

type Props = Registered["props"];

const ROLE = "postgresql:index/role:Role";
const GRANT_ROLE = "postgresql:index/grantRole:GrantRole";
const OWN: Props = { name: "user_acme", login: true, password: secret("hunter2"), inherit: true };
const POWERS = ["superuser", "createRole", "createDatabase", "bypassRowLevelSecurity", "replication"];
const PLACES = [inTenant(ROLE, "acme-role"), outside(ROLE, "reader")];

describe("policy role-without-power", () => {
  it("passes a role without powers", async () => {
    assert.deepEqual(await told(OWN), []);
    const without = Object.fromEntries(POWERS.map((power) => [power, false]));
    assert.deepEqual(await told({ ...OWN, ...without, roles: [], assumeRole: "" }), []);
    assert.deepEqual(await told({ name: "reader" }, outside(ROLE, "reader")), []);
  });

  for (const power of POWERS) {
    it(`stops ${power}, in a tenant and outside`, async () => {
      for (const urn of PLACES) {
        const name = urn === PLACES[0] ? "user_acme" : "reader";
        for (const value of [true, "true", "false", 1, 0, {}]) {
          const [violation, ...more] = await told({ name, [power]: value }, urn);
          assert.ok(violation?.startsWith(`Its ${power} is ${JSON.stringify(value)}. `), violation);
          assert.deepEqual(more, []);
        }
        assert.equal((await told({ name, [power]: secret("true") }, urn)).length, 1);
      }
    });
  }

  it("stops a role that has another one's rights", async () => {
    for (const urn of PLACES) {
      const name = urn === PLACES[0] ? "user_acme" : "reader";
      for (const roles of [["postgres"], ["user_beta"], "postgres", {}]) {
        assert.match((await told({ name, roles }, urn)).join(), /^It is a member of /);
      }
      assert.match(
        (await told({ name, assumeRole: "postgres" }, urn)).join(),
        /^It becomes "postgres" when it logs in\./,
      );
    }
  });

  it("stops a role that is not named after its tenant, and a tenant's role outside of it", async () => {
    for (const name of ["user_beta", "user_acme2", "postgres", "", null]) {
      assert.match(
        (await told({ ...OWN, name })).join(),
        /^The role's name is .*\. The role of tenant "acme" is user_acme\.$/,
      );
    }
    assert.match((await told(OWN, outside(ROLE, "x"))).join(), /^The role "user_acme" is outside of any tenant\./);
  });

  it("tells of all violations, also beside what a preview does not know", async () => {
    const all = Object.fromEntries(POWERS.map((power) => [power, true]));
    assert.equal((await told({ ...all, name: "x", roles: ["y"], assumeRole: "z" })).length, 8);
    for (const unknown of [...POWERS, "name", "roles", "assumeRole"]) {
      const props = { ...all, name: "x", roles: ["y"], assumeRole: "z", [unknown]: UNKNOWN };
      assert.equal((await told(props)).length, 7, unknown);
    }
  });

  it("says nothing of the password", async () => {
    assert.doesNotMatch((await told({ ...OWN, name: "x", superuser: true })).join(), /hunter2/);
  });
});

describe("policy role-without-power, of memberships", () => {
  it("passes one of roles that are no tenant's", async () => {
    assert.deepEqual(await told({ role: "reader", grantRole: "readers" }, outside(GRANT_ROLE, "reader")), []);
  });

  it("stops one of a tenant's role, either way", async () => {
    const urn = outside(GRANT_ROLE, "reader");
    assert.match(
      (await told({ role: "user_acme", grantRole: "readers" }, urn)).join(),
      /^It makes "user_acme", a tenant's/,
    );
    assert.match(
      (await told({ role: "reader", grantRole: "user_acme" }, urn)).join(),
      /^It lets another role act as "user_/,
    );
    assert.equal((await told({ role: UNKNOWN, grantRole: "user_acme" }, urn)).length, 1);
    assert.equal((await told({ role: "user_acme", grantRole: UNKNOWN }, urn)).length, 1);
  });

  it("stops any within a tenant", async () => {
    const found = await told({ role: UNKNOWN, grantRole: "readers" }, inTenant(GRANT_ROLE, "acme-member"));
    assert.match(found.join(), /^It makes a role a member of another within a tenant\./);
  });
});

async function told(props: Props, urn = inTenant(ROLE, "acme-role")): Promise<string[]> {
  const found = await violations([roleWithoutPower], { urn, props });
  return found.map((one) => one.split("\n")[1] ?? "");
}
