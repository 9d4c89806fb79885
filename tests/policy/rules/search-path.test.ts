import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { searchPathIsItsSchema } from "../../../policy/rules/role";
import { messages, secret, UNKNOWN } from "../analysis";
import { inTenant } from "../urns";

const ROLE = inTenant("postgresql:index/role:Role", "acme-role");

describe("policy search-path-is-its-schema", () => {
  it("passes a tenant's role that looks in its own schema", async () => {
    assert.deepEqual(await violationsOf({ searchPaths: ["schema_acme"] }), []);
    assert.deepEqual(await violationsOf({ searchPaths: [secret("schema_acme")] }), []);
  });

  it("stops any other path", async () => {
    assert.deepEqual(await violationsOf({ searchPaths: ["schema_acme", "public"] }), [
      'Its searchPaths is ["schema_acme","public"]. In tenant "acme" it has to be ["schema_acme"].',
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
      assert.equal((await violationsOf({ searchPaths })).length, 1, JSON.stringify(searchPaths));
    }
  });

  it("stops a role without one, which would look in public", async () => {
    assert.match((await violationsOf({ name: "user_acme" })).join(), /^Its searchPaths is not set\. /);
  });

  it("skips in a preview what is not known yet", async () => {
    assert.deepEqual(await violationsOf({ searchPaths: UNKNOWN }), []);
    assert.deepEqual(await violationsOf({ searchPaths: [UNKNOWN] }), []);
    assert.equal((await violationsOf({ name: UNKNOWN, searchPaths: ["public"] })).length, 1);
  });
});

function violationsOf(props: object): Promise<string[]> {
  return messages(searchPathIsItsSchema, ROLE, props);
}
