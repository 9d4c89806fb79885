import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resourcesNamedAfterTheirTenant } from "../../../policy/rules/tenants";
import { type Registered, stackMessages } from "../analysis";
import { childOfTenant, inTenant, outside, tenantUrn } from "../urns";

const ROLE = "postgresql:index/role:Role";
const SHARED = outside("postgresql:index/grant:Grant", "shared-database-public-schema");

describe("policy resources-named-after-their-tenant", () => {
  it("passes a tenant named by its slug, and parts named after it", async () => {
    assert.deepEqual(await violationsOf([...tenant("acme", "acme-role"), ...tenant("acme_2", "acme_2-role-2")]), []);
    assert.deepEqual(await violationsOf([{ urn: SHARED, props: {} }]), []);
  });

  it("stops a tenant that is not named by a slug, once", async () => {
    for (const name of ["acme-2", "Acme", "2acme", "acme\n", "acme::x", "-", ""]) {
      const [{ message, urn } = { message: "", urn: "" }, ...more] = await violationsOf(tenant(name, `${name}-role`));
      assert.ok(message.startsWith(`The Tenant's name is ${JSON.stringify(name)}. It has to be the slug`), message);
      assert.equal(urn, tenantUrn(name));
      assert.deepEqual(more, []);
    }
  });

  it("stops a part that passes for another tenant's", async () => {
    for (const name of ["beta-role", "acme2-role", "role", "beta"]) {
      const [{ message, urn } = { message: "", urn: "" }, ...more] = await violationsOf(tenant("acme", name));
      assert.equal(message, `"${name}" is in tenant "acme". Begin its name with "acme-".`);
      assert.equal(urn, inTenant(ROLE, name));
      assert.deepEqual(more, []);
    }
  });

  it("stops a part of no tenant that passes for one's", async () => {
    const [{ message } = { message: "" }] = await violationsOf([
      { urn: inTenant(ROLE, "acme-role"), props: {}, parent: SHARED },
    ]);
    assert.ok(
      message.endsWith(`"acme-role" has a Tenant's URN and is in none. Give it its Tenant as parent.`),
      message,
    );
  });
});

/** A tenant whose database has one role. */
function tenant(name: string, role: string): Registered[] {
  const database = childOfTenant("b2b:index:Database", `${name}-database`);
  return [
    { urn: tenantUrn(name), props: {} },
    { urn: database, props: {}, parent: tenantUrn(name) },
    { urn: inTenant(ROLE, role), props: {}, parent: database },
  ];
}

function violationsOf(resources: readonly Registered[]) {
  return stackMessages(resourcesNamedAfterTheirTenant, resources);
}
