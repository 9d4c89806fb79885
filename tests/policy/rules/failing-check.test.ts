import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resourcePolicy, stackPolicy } from "../../../policy/define-policy";
import { messages, stackMessages, UNKNOWN } from "../analysis";
import { inTenant } from "../urns";

const TYPE = "postgresql:index/role:Role";
const urn = inTenant(TYPE, "acme-role");

function fails(): never {
  throw new TypeError("out of order");
}

describe("a check that fails", () => {
  it("fails the run, and does not pass as one that found nothing", async () => {
    await assert.rejects(messages(resourcePolicy("name", "Text.", { [TYPE]: fails }), urn, { a: 1 }), /out of order/);
    await assert.rejects(stackMessages(stackPolicy("name", "Text.", fails), [{ urn, props: {} }]), /out of order/);
  });

  it("is skipped when it reads what is not known yet, and hides no other", async () => {
    const checks = [({ props }: { props: Record<string, string> }) => [`a${props.a}`], () => ["b"]];
    const policy = resourcePolicy("name", "Text.", { [TYPE]: checks });
    assert.deepEqual(await messages(policy, urn, { a: UNKNOWN }), ["b"]);
    assert.deepEqual(await messages(policy, urn, { a: "1" }), ["a1", "b"]);
  });
});
