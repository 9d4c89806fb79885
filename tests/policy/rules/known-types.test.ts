import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resourcesAreOfKnownTypes } from "../../../policy/rules/known-types";
import { messages } from "../analysis";
import { childOfTenant, inTenant, outside, tenantUrn } from "../urns";

/** Types that can do the same as one that the policies know, and others that a program might use. */
const UNKNOWN_TYPES = [
  "postgresql:index/function:Function",
  "postgresql:index/extension:Extension",
  "postgresql:index/subscription:Subscription",
  "postgresql:index/userMapping:UserMapping",
  "postgresql:index/grantRole:GrantRole",
  // What the provider once called DefaultPrivileges, and still takes.
  "postgresql:index/defaultPrivileg:DefaultPrivileg",
  "aws-native:ssm:Parameter",
  "aws:ssm/document:Document",
  "aws:secretsmanager/secretVersion:SecretVersion",
  "aws:iam/userPolicy:UserPolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
  "aws:iam/policyAttachment:PolicyAttachment",
  "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
  "aws:ec2/launchConfiguration:LaunchConfiguration",
  "aws:ec2/launchTemplate:LaunchTemplate",
  "aws:ebs/volume:Volume",
  "aws:ec2/volumeAttachment:VolumeAttachment",
  "aws:ec2/keyPair:KeyPair",
  "aws:ec2/securityGroupRule:SecurityGroupRule",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
  "aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment",
  "command:local:Command",
  "pulumi-nodejs:dynamic:Resource",
  "pulumi-nodejs:dynamic/b2b-tenants:Other",
];

/** The types that are allowed in tenants alone. */
const TENANTS_TYPES = [
  "postgresql:index/role:Role",
  "postgresql:index/schema:Schema",
  "postgresql:index/defaultPrivileges:DefaultPrivileges",
  "random:index/randomPassword:RandomPassword",
  ...["SchemaGuard", "DropGuard", "SqlScript", "Migrations", "LoginHandover", "OffboardingGate"].map(
    (name) => `pulumi-nodejs:dynamic/b2b-tenants:${name}`,
  ),
  "aws:ssm/parameter:Parameter",
  "aws:iam/role:Role",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/instanceProfile:InstanceProfile",
  "aws:ec2/instance:Instance",
];

const EVERYWHERE = ["postgresql:index/grant:Grant", "aws:cloudwatch/metricAlarm:MetricAlarm"];

/** What there is outside of tenants alone. */
const SHARED = [
  "aws:ec2/securityGroup:SecurityGroup",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  "aws:sns/topic:Topic",
  "aws:sns/topicSubscription:TopicSubscription",
  "pulumi:pulumi:Stack",
  ...["aws", "postgresql", "pulumi", "pulumi-nodejs", "random"].map((name) => `pulumi:providers:${name}`),
];

describe("policy resources-are-of-known-types", () => {
  it("passes what the program makes, where it makes it", async () => {
    assert.deepEqual(await violationsOf(tenantUrn("acme")), []);
    for (const type of TENANTS_TYPES) assert.deepEqual(await violationsOf(inTenant(type, "acme-x")), [], type);
    for (const type of EVERYWHERE) {
      assert.deepEqual(await violationsOf(inTenant(type, "acme-x")), [], type);
      assert.deepEqual(await violationsOf(outside(type, "x")), [], type);
    }
    for (const type of SHARED) {
      assert.deepEqual(await violationsOf(`urn:pulumi:prod::b2b-tenants::${type}::x`), [], type);
    }
  });

  it("stops every other type, in a tenant and outside", async () => {
    for (const type of UNKNOWN_TYPES) {
      assert.deepEqual(await violationsOf(inTenant(type, "acme-x")), [
        `Type "${type}" is not allowed in a tenant. Make sure that it opens no tenant to another, have a policy check what it could do wrong, ` +
          "and add it to IN_TENANT in policy/rules/known-types.ts.",
      ]);
      assert.match(
        (await violationsOf(outside(type, "x"))).join(),
        /outside of tenants\. .* add it to OUTSIDE in policy\/rules\/known-types\.ts\.$/,
      );
    }
  });

  it("stops what is known elsewhere", async () => {
    for (const type of TENANTS_TYPES) assert.equal((await violationsOf(outside(type, "acme-x"))).length, 1, type);
    for (const type of SHARED) assert.equal((await violationsOf(childOfTenant(type, "acme-x"))).length, 1, type);
    assert.equal((await violationsOf("urn:pulumi:prod::b2b-tenants::pulumi:providers:aws-native::default")).length, 1);
  });

  it("stops a type that only contains one that is known, and shows it so that no terminal obeys it", async () => {
    assert.equal((await violationsOf(outside("x:b2b:index:Tenant", "acme"))).length, 1);
    assert.match(
      (await violationsOf(inTenant("aws:\u001b[31m", "acme-x"))).join(),
      /Type "aws:\\u001b\[31m" is not allowed in a tenant/,
    );
  });
});

function violationsOf(urn: string): Promise<string[]> {
  return messages(resourcesAreOfKnownTypes, urn, {});
}
