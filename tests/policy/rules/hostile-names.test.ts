import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policies } from "../../../policy/policies";
import { type Registered, stackViolations, violations } from "../analysis";
import { inProd } from "../stack-settings";

const HOSTILE = "a\u001b[2J\u202e\n<{%fg 1%}>";
const TENANT = "b2b:index:Tenant";
const TYPES = [
  "postgresql:index/role:Role",
  "postgresql:index/schema:Schema",
  "postgresql:index/grant:Grant",
  "pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate",
  "aws:ssm/parameter:Parameter",
  "aws:iam/role:Role",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:ec2/instance:Instance",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
];

/** What the pack's messages may not hold; the line break after a policy's description is no part of them. */
const OBEYED = /[^\P{C}\n]|<\{%/u;

describe("the policy pack, about a tenant with a hostile name", () => {
  inProd();

  it("says nothing that a terminal or Pulumi's command line would obey", async () => {
    for (const type of TYPES) {
      const urn = `urn:pulumi:prod::b2b-tenants::${TENANT}$${type}::${HOSTILE}-x`;
      const props = { name: HOSTILE, role: HOSTILE, schema: HOSTILE, type: HOSTILE, value: HOSTILE, cidrIpv4: HOSTILE };
      const found = await violations(policies, { urn, props });
      assert.ok(found.length > 0, type);
      for (const violation of found) isHarmless(violation);
    }
  });

  it("says nothing of the kind about a whole stack either", async () => {
    const tenant = { urn: `urn:pulumi:prod::b2b-tenants::${TENANT}::${HOSTILE}`, props: {} };
    const parts: Registered[] = TYPES.map((type) => ({
      urn: `urn:pulumi:prod::b2b-tenants::${TENANT}$${type}::other${HOSTILE}-x`,
      props: { name: HOSTILE },
      parent: tenant.urn,
    }));
    const found = await stackViolations(policies, [tenant, ...parts]);
    assert.ok(found.length > 2);
    for (const { message } of found) isHarmless(message);
  });
});

function isHarmless(message: string): void {
  assert.doesNotMatch(message, OBEYED);
  assert.equal(message.split("\n").length, 2, message);
}
