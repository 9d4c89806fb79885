import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { schemaOwnedByItsTenant } from "../../../policy/rules/schema-owned-by-its-tenant";
import { type Registered, secret, UNKNOWN, violations } from "../analysis";
import { inTenant, outside } from "../urns";

const SCHEMA = "postgresql:index/schema:Schema";
const OWN = { name: "schema_acme", owner: "user_acme", database: "postgres", dropCascade: true };

describe("policy schema-owned-by-its-tenant", () => {
  it("passes a tenant's schema that its role owns, and a schema that tenants share", async () => {
    assert.deepEqual(await told(OWN), []);
    assert.deepEqual(await told({ ...OWN, owner: secret("user_acme"), policies: [] }), []);
    assert.deepEqual(await told({ name: "reports" }, outside(SCHEMA, "reports")), []);
    assert.deepEqual(await told({ name: "reports", owner: "postgres" }, outside(SCHEMA, "reports")), []);
  });

  it("stops a schema that another role owns", async () => {
    assert.deepEqual(await told({ ...OWN, owner: "postgres" }), [
      'Its owner is "postgres". The owner of tenant "acme"\'s schema is user_acme.',
    ]);
    for (const owner of ["user_beta", "user_acme2", "", null, ["user_acme"]]) {
      assert.equal((await told({ ...OWN, owner })).length, 1);
    }
  });

  it("stops a schema without an owner, which the provider would leave to the admin", async () => {
    assert.match((await told({ name: "schema_acme" })).join(), /^Its owner is nothing\. /);
  });

  it("stops a schema of another name", async () => {
    for (const name of ["schema_beta", "schema_acme2", "acme", undefined]) {
      const props = name === undefined ? { owner: "user_acme" } : { ...OWN, name };
      assert.match(
        (await told(props)).join(),
        /^The schema's name is .*\. The schema of tenant "acme" is schema_acme\.$/,
      );
    }
  });

  it("stops a tenant's schema or owner outside of any tenant", async () => {
    const urn = outside(SCHEMA, "acme-schema");
    assert.match(
      (await told({ name: "schema_acme" }, urn)).join(),
      /^The schema "schema_acme" is outside of any tenant/,
    );
    assert.match(
      (await told({ name: "x", owner: "user_acme" }, urn)).join(),
      /^Its owner is "user_acme", a tenant's role/,
    );
  });

  it("stops the provider's old policies, in a tenant and outside", async () => {
    for (const policies of [[{ usage: true, role: "user_beta" }], [{ usage: true }], {}, "public"]) {
      assert.match((await told({ ...OWN, policies })).join(), /^Its `policies` give rights/);
      assert.equal((await told({ name: "reports", policies }, outside(SCHEMA, "reports"))).length, 1);
    }
  });

  it("tells of all violations, also beside what a preview does not know", async () => {
    assert.equal((await told({ name: "x", owner: "y", policies: [{}] })).length, 3);
    assert.equal((await told({ name: UNKNOWN, owner: "y", policies: [{}] })).length, 2);
    assert.equal((await told({ name: "x", owner: UNKNOWN, policies: UNKNOWN })).length, 1);
  });
});

async function told(props: Registered["props"], urn = inTenant(SCHEMA, "acme-schema")): Promise<string[]> {
  const found = await violations([schemaOwnedByItsTenant], { urn, props });
  return found.map((one) => one.split("\n")[1] ?? "");
}
