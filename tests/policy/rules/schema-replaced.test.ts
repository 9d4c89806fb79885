import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { schemaIsDeletedBeforeItIsReplaced } from "../../../policy/rules/schema-is-deleted-before-it-is-replaced";
import { type Registered, UNKNOWN, violations } from "../analysis";
import { inTenant, outside } from "../urns";

const SCHEMA = "postgresql:index/schema:Schema";
const urn = inTenant(SCHEMA, "acme-schema");
const props = { name: "schema_acme" };

describe("policy schema-is-deleted-before-it-is-replaced", () => {
  it("passes a tenant's schema that is, and one that is no tenant's", async () => {
    assert.deepEqual(await told({ urn, props, deleteBeforeReplace: true }), []);
    assert.deepEqual(await told({ urn: outside(SCHEMA, "reports"), props }), []);
  });

  it("passes a new one that a run with --target leaves out: the engine tells of it without properties", async () => {
    assert.deepEqual(await told({ urn, props: {} }), []);
  });

  it("stops one that is not, whatever a preview knows of it", async () => {
    for (const options of [{}, { deleteBeforeReplace: false }]) {
      assert.deepEqual(await told({ urn, props: { name: UNKNOWN }, ...options }), [
        "It would be replaced and dropped with nobody asking its gate. Give it the option deleteBeforeReplace.",
      ]);
    }
  });
});

async function told(resource: Registered): Promise<string[]> {
  const found = await violations([schemaIsDeletedBeforeItIsReplaced], resource);
  return found.map((one) => one.split("\n")[1] ?? "");
}
