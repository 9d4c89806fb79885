import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { schemaOwnedByItsTenant } from "../../../policy/rules/schema";
import { messages, secret, UNKNOWN } from "../analysis";
import { inTenant } from "../urns";

const SCHEMA = inTenant("postgresql:index/schema:Schema", "acme-schema");
const OWN = { name: "schema_acme", owner: "user_acme", database: "postgres", dropCascade: true };

describe("policy schema-owned-by-its-tenant", () => {
  it("passes a tenant's schema that its role owns", async () => {
    assert.deepEqual(await violationsOf(OWN), []);
    assert.deepEqual(await violationsOf({ ...OWN, owner: secret("user_acme"), policies: [] }), []);
  });

  it("stops a schema that another role owns", async () => {
    assert.deepEqual(await violationsOf({ ...OWN, owner: "postgres" }), [
      'Its owner is "postgres". In tenant "acme" it has to be "user_acme".',
    ]);
    for (const owner of ["user_beta", "user_acme2", "", null, ["user_acme"]]) {
      assert.equal((await violationsOf({ ...OWN, owner })).length, 1);
    }
  });

  it("stops a schema without an owner, which the provider would leave to the admin", async () => {
    assert.match((await violationsOf({ name: "schema_acme" })).join(), /^Its owner is not set\. /);
  });

  it("stops a schema of another name", async () => {
    for (const name of ["schema_beta", "schema_acme2", "acme", undefined]) {
      const props = name === undefined ? { owner: "user_acme" } : { ...OWN, name };
      assert.match(
        (await violationsOf(props)).join(),
        /^Its name is .*\. In tenant "acme" it has to be "schema_acme"\.$/,
      );
    }
  });

  it("stops the provider's old policies", async () => {
    for (const policies of [[{ usage: true, role: "user_beta" }], [{ usage: true }], {}, "public"]) {
      assert.match(
        (await violationsOf({ ...OWN, policies })).join(),
        /^Its policies is set\. Leave it out: they give rights/,
      );
    }
  });

  it("reports every violation, also next to what a preview does not know", async () => {
    assert.equal((await violationsOf({ name: "x", owner: "y", policies: [{}] })).length, 3);
    assert.equal((await violationsOf({ name: UNKNOWN, owner: "y", policies: [{}] })).length, 2);
    assert.equal((await violationsOf({ name: "x", owner: UNKNOWN, policies: UNKNOWN })).length, 1);
  });
});

function violationsOf(props: object): Promise<string[]> {
  return messages(schemaOwnedByItsTenant, SCHEMA, props);
}
