import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nothingIsMadeFromAnotherTenant } from "../../../policy/rules/tenants";
import { stackMessages } from "../analysis";
import { childOfTenant, outside, tenantUrn } from "../urns";

const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const RULE = childOfTenant("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "acme-rule");
const OWN = childOfTenant(GROUP, "acme-group");
const OTHERS = childOfTenant(GROUP, "beta-group");
const SHARED = outside(GROUP, "shared-group");

describe("policy nothing-is-made-from-another-tenant", () => {
  it("passes what is made from the tenant's own, from what all share, and from nothing", async () => {
    for (const sources of [[OWN], [SHARED], []]) {
      assert.deepEqual(await violationsOf({ securityGroupId: sources, referencedSecurityGroupId: [OWN] }), []);
    }
  });

  it("stops what is made from another tenant's, in whichever property, also as one of several sources", async () => {
    const violation = (property: string) =>
      `Its "${property}" is made from "beta-group", which does not belong to tenant "acme". Use the tenant's own.`;
    for (const [property, made] of [
      ["securityGroupId", { securityGroupId: [OTHERS], referencedSecurityGroupId: [OWN] }],
      ["referencedSecurityGroupId", { securityGroupId: [OWN], referencedSecurityGroupId: [OTHERS] }],
      ["tags", { tags: [OWN, OTHERS, SHARED] }],
    ] as const) {
      assert.deepEqual(await violationsOf(made), [{ message: violation(property), urn: RULE }]);
    }
  });

  it("ignores what is in no tenant", async () => {
    assert.deepEqual(await violationsOf({ securityGroupId: [OTHERS] }, outside("aws:sns/topic:Topic", "alarms")), []);
  });

  function violationsOf(propertyDependencies: Readonly<Record<string, readonly string[]>>, urn = RULE) {
    const [acme, beta] = [tenantUrn("acme"), tenantUrn("beta")];
    return stackMessages(nothingIsMadeFromAnotherTenant, [
      { urn: acme, props: {} },
      { urn: beta, props: {} },
      { urn: OWN, props: { vpcId: "vpc-1" }, parent: acme },
      { urn: OTHERS, props: { vpcId: "vpc-1" }, parent: beta },
      { urn: SHARED, props: { vpcId: "vpc-1" } },
      { urn, props: { fromPort: 443 }, propertyDependencies, ...(urn === RULE ? { parent: acme } : {}) },
    ]);
  }
});
