import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { securityGroupsStayWithinTheTenant } from "../../../policy/rules/security-groups";
import { type Registered, stackMessages, UNKNOWN } from "../analysis";
import { childOfTenant, inTenant, outside, tenantUrn } from "../urns";

const GROUP_TYPE = "aws:ec2/securityGroup:SecurityGroup";
const RULE_TYPE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const ACME = tenantUrn("acme");
const GROUP = childOfTenant(GROUP_TYPE, "acme-security-group");
const OTHERS = childOfTenant(GROUP_TYPE, "beta-security-group");
const SHARED = outside(GROUP_TYPE, "database-group");
const ROLE = inTenant("postgresql:index/role:Role", "acme-role");

const REST: readonly Registered[] = [
  { urn: ACME, props: {} },
  { urn: GROUP, props: { vpcId: "vpc-1" }, parent: ACME },
  { urn: ROLE, props: { name: "user_acme" }, parent: ACME },
  { urn: tenantUrn("beta"), props: {} },
  { urn: OTHERS, props: { vpcId: "vpc-1" }, parent: tenantUrn("beta") },
  { urn: SHARED, props: { vpcId: "vpc-1" } },
];

const ELSEWHERE = [[], [OTHERS], [SHARED], [ROLE], [GROUP, OTHERS]];

describe("policy security-groups-stay-within-the-tenant", () => {
  it("passes a server in its own group, known or not", async () => {
    for (const vpcSecurityGroupIds of [["sg-1"], [UNKNOWN], UNKNOWN]) {
      assert.deepEqual(await violationsOf(server({ vpcSecurityGroupIds: [GROUP] }, { vpcSecurityGroupIds })), []);
    }
  });

  it("stops a server in another's group, in a shared one, or in one that is written out", async () => {
    const elsewhere = ELSEWHERE.map((vpcSecurityGroupIds) => ({ vpcSecurityGroupIds }));
    for (const made of [...elsewhere, {}, { subnetId: [GROUP] }] as From[]) {
      const [violation, ...more] = await violationsOf(server(made, { vpcSecurityGroupIds: ["sg-2"] }));
      assert.match(
        violation ?? "",
        /^A server of tenant "acme" is in a security group that the tenant does not declare/,
      );
      assert.deepEqual(more, []);
    }
  });

  it("stops a server that is in a group which is written out beside its own", async () => {
    for (const vpcSecurityGroupIds of [
      ["sg-1", "sg-2"],
      [UNKNOWN, "sg-2"],
    ]) {
      assert.equal((await violationsOf(server({ vpcSecurityGroupIds: [GROUP] }, { vpcSecurityGroupIds }))).length, 1);
    }
  });

  it("passes rules of its own group, whoever they let in, and the rule that lets that group in elsewhere", async () => {
    assert.deepEqual(await violationsOf(rule({ securityGroupId: [GROUP] }, { cidrIpv4: "0.0.0.0/0" })), []);
    assert.deepEqual(
      await violationsOf(rule({ referencedSecurityGroupId: [GROUP] }, { securityGroupId: "sg-database" })),
      [],
    );
  });

  it("stops rules that open another group to others", async () => {
    const elsewhere = ELSEWHERE.map((from) => ({ securityGroupId: from, referencedSecurityGroupId: from }));
    for (const made of [...elsewhere, {}, { tags: [GROUP] }] as From[]) {
      const [violation, ...more] = await violationsOf(
        rule(made, { securityGroupId: "sg-database", cidrIpv4: "0.0.0.0/0" }),
      );
      assert.match(
        violation ?? "",
        /^A rule of tenant "acme" opens a security group that is not the tenant's to others/,
      );
      assert.deepEqual(more, []);
    }
  });

  it("ignores what is in no tenant, and what a run with --target leaves out", async () => {
    const aside = { urn: outside(RULE_TYPE, "x"), props: { cidrIpv4: "0.0.0.0/0" } };
    assert.deepEqual(await violationsOf(aside), []);
    assert.deepEqual(await violationsOf(server({}, {})), []);
    assert.deepEqual(await violationsOf(rule({}, {})), []);
  });
});

type From = NonNullable<Registered["propertyDependencies"]>;

function server(propertyDependencies: From, props: Registered["props"]): Registered {
  return {
    urn: childOfTenant("aws:ec2/instance:Instance", "acme-instance"),
    props,
    parent: ACME,
    propertyDependencies,
  };
}

function rule(propertyDependencies: From, props: Registered["props"]): Registered {
  return { urn: childOfTenant(RULE_TYPE, "acme-rule"), props, parent: ACME, propertyDependencies };
}

async function violationsOf(resource: Registered): Promise<string[]> {
  const found = await stackMessages(securityGroupsStayWithinTheTenant, [...REST, resource]);
  for (const { urn } of found) assert.equal(urn, resource.urn);
  return found.map(({ message }) => message);
}
