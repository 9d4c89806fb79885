import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { searchPathIsItsSchema } from "../../../policy/rules/search-path-is-its-schema";
import { type Registered, secret, UNKNOWN, violations } from "../analysis";
import { inTenant, outside } from "../urns";

const ROLE = "postgresql:index/role:Role";

describe("policy search-path-is-its-schema", () => {
  it("passes a tenant's role that looks in its own schema, and roles that are no tenant's", async () => {
    assert.deepEqual(await told({ searchPaths: ["schema_acme"] }), []);
    assert.deepEqual(await told({ searchPaths: [secret("schema_acme")] }), []);
    assert.deepEqual(await told({ name: "reader" }, outside(ROLE, "reader")), []);
  });

  it("stops any other path", async () => {
    assert.deepEqual(await told({ searchPaths: ["schema_acme", "public"] }), [
      'Its search path is ["schema_acme","public"]. That of tenant "acme" is exactly ["schema_acme"].',
    ]);
    const others = [
      ["schema_acme2"],
      ["public", "schema_acme"],
      ["$user"],
      [],
      ["schema_acme", "schema_acme"],
      [["schema_acme"]],
    ];
    for (const searchPaths of [...others, "schema_acme", { 0: "schema_acme", length: 1 }, null]) {
      assert.equal((await told({ searchPaths })).length, 1, JSON.stringify(searchPaths));
    }
  });

  it("stops a role without one, which would look in public", async () => {
    assert.match((await told({ name: "user_acme" })).join(), /^Its search path is nothing\. /);
  });

  it("passes over in a preview what is not known yet", async () => {
    assert.deepEqual(await told({ searchPaths: UNKNOWN }), []);
    assert.deepEqual(await told({ searchPaths: [UNKNOWN] }), []);
    assert.equal((await told({ name: UNKNOWN, searchPaths: ["public"] })).length, 1);
  });
});

async function told(props: Registered["props"], urn = inTenant(ROLE, "acme-role")): Promise<string[]> {
  const found = await violations([searchPathIsItsSchema], { urn, props });
  return found.map((one) => one.split("\n")[1] ?? "");
}
