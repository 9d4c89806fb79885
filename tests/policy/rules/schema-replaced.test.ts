import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { schemaIsDeletedBeforeItIsReplaced } from "../../../policy/rules/schema";
import { messages, UNKNOWN } from "../analysis";
import { inTenant } from "../urns";

const SCHEMA = inTenant("postgresql:index/schema:Schema", "acme-schema");

describe("policy schema-is-deleted-before-it-is-replaced", () => {
  it("passes a schema that is deleted first", async () => {
    assert.deepEqual(await violationsOf({ name: "schema_acme" }, { deleteBeforeReplace: true }), []);
  });

  it("passes a new one that a run with --target leaves out: the engine reports it without properties", async () => {
    assert.deepEqual(await violationsOf({}), []);
  });

  it("stops one that is not, whatever a preview knows", async () => {
    for (const options of [{}, { deleteBeforeReplace: false }]) {
      assert.deepEqual(await violationsOf({ name: UNKNOWN }, options), [
        "A replacement would drop it without asking its gate. Give it the option deleteBeforeReplace.",
      ]);
    }
  });
});

function violationsOf(props: object, options = {}): Promise<string[]> {
  return messages(schemaIsDeletedBeforeItIsReplaced, SCHEMA, props, options);
}
