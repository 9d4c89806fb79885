import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resourcesAreOfKnownTypes } from "../../../policy/rules/resources-are-of-known-types";
import { violations } from "../analysis";
import { childOfTenant, inTenant, outside, tenantUrn } from "../urns";

describe("policy resources-are-of-known-types", () => {
  it("passes what the program makes, where it makes it", async () => {
    assert.deepEqual(await told(tenantUrn("acme")), []);
    assert.deepEqual(await told(inTenant("postgresql:index/role:Role", "acme-role")), []);
    assert.deepEqual(await told(outside("postgresql:index/grant:Grant", "shared-database-public-schema")), []);
    assert.deepEqual(await told("urn:pulumi:prod::b2b-tenants::pulumi:pulumi:Stack::b2b-tenants-prod"), []);
    assert.deepEqual(await told("urn:pulumi:prod::b2b-tenants::pulumi:providers:postgresql::database-admin"), []);
  });

  it("stops what has the power of what is known under another name", async () => {
    const others = [
      "postgresql:index/function:Function",
      "postgresql:index/extension:Extension",
      "postgresql:index/subscription:Subscription",
      "postgresql:index/userMapping:UserMapping",
      "aws-native:ssm:Parameter",
      "aws:ssm/document:Document",
      "aws:secretsmanager/secretVersion:SecretVersion",
      "aws:iam/userPolicy:UserPolicy",
      "aws:ec2/volumeAttachment:VolumeAttachment",
      "aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment",
      "command:local:Command",
      "pulumi-nodejs:dynamic:Resource",
      "pulumi-nodejs:dynamic/b2b-tenants:Other",
    ];
    for (const type of others) {
      assert.deepEqual(await told(inTenant(type, "acme-x")), [
        `A "${type}" is not among the types allowed in a tenant. See that it opens no tenant to another, have a policy look at what it could do ` +
          "wrong, and add its type to IN_TENANT in policy/known-types.ts.",
      ]);
      assert.match(
        (await told(outside(type, "x"))).join(),
        /outside of tenants\. .* add its type to BESIDES in policy\//,
      );
    }
  });

  it("stops what is known elsewhere", async () => {
    assert.equal((await told(outside("postgresql:index/role:Role", "reports"))).length, 1);
    assert.equal((await told(outside("aws:ec2/instance:Instance", "bastion"))).length, 1);
    assert.equal((await told(childOfTenant("aws:sns/topic:Topic", "acme-topic"))).length, 1);
    assert.equal((await told(childOfTenant("pulumi:providers:postgresql", "acme-admin"))).length, 1);
    assert.equal((await told("urn:pulumi:prod::b2b-tenants::pulumi:providers:aws-native::default")).length, 1);
  });

  it("stops a type that only contains one that is known, and shows it so that no terminal obeys it", async () => {
    assert.equal((await told(outside("x:b2b-tenants:index:Tenant", "acme"))).length, 1);
    assert.match(
      (await told(inTenant("aws:\u001b[31m", "acme-x"))).join(),
      /A "aws:\\u001b\[31m" is not among the types allowed in a tenant/,
    );
  });
});

async function told(urn: string): Promise<string[]> {
  const found = await violations([resourcesAreOfKnownTypes], { urn, props: {} });
  return found.map((one) => one.split("\n")[1] ?? "");
}
