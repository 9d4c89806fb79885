import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { serversShareOneSecurityGroup } from "../../../policy/rules/security-groups";
import { type Registered, stackMessages, UNKNOWN } from "../analysis";
import { withSettings } from "../stack-settings";
import { childOfTenant, inTenant, outside, tenantUrn } from "../urns";

const GROUP_TYPE = "aws:ec2/securityGroup:SecurityGroup";
const RULE_TYPE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const ACME = tenantUrn("acme");
const GROUP = outside(GROUP_TYPE, "servers-security-group");
const TENANTS = childOfTenant(GROUP_TYPE, "acme-security-group");
const DEBUG = outside(GROUP_TYPE, "debug-security-group");
const ROLE = inTenant("postgresql:index/role:Role", "acme-role");
const DATABASE = "sg-database";
const PORT = { ipProtocol: "tcp", fromPort: 5432, toPort: 5432 };

const TENANT: readonly Registered[] = [
  { urn: ACME, props: {} },
  { urn: ROLE, props: { name: "user_acme" }, parent: ACME },
];
const FLEET: readonly Registered[] = [
  ...TENANT,
  { urn: GROUP, props: { vpcId: "vpc-1" } },
  { urn: TENANTS, props: { vpcId: "vpc-1" }, parent: ACME },
];

const ELSEWHERE = [[], [TENANTS], [ROLE], [GROUP, TENANTS]];

describe("policy servers-share-one-security-group", () => {
  const environment = withSettings();
  const settings = (network: object, database: object) =>
    environment({
      PULUMI_CONFIG: JSON.stringify({
        "b2b-tenants:network": JSON.stringify(network),
        "b2b-tenants:database": JSON.stringify(database),
      }),
    });
  beforeEach(() => settings({ databaseSecurityGroupId: DATABASE }, {}));

  it("passes a server in the group that the stack declares, known or not", async () => {
    for (const vpcSecurityGroupIds of [["sg-1"], [UNKNOWN], UNKNOWN]) {
      assert.deepEqual(await violationsOf(server({ vpcSecurityGroupIds: [GROUP] }, { vpcSecurityGroupIds })), []);
    }
  });

  it("stops a server that is in a tenant's group, or in one that is written out where one is declared", async () => {
    const elsewhere = ELSEWHERE.map((vpcSecurityGroupIds) => ({ vpcSecurityGroupIds }));
    for (const made of [...elsewhere, {}, { subnetId: [GROUP] }] as From[]) {
      const [violation, ...more] = await violationsOf(server(made, { vpcSecurityGroupIds: ["sg-2"] }));
      assert.match(
        violation ?? "",
        /^The server "acme-instance" is in a security group that is not the one of all servers/,
      );
      assert.deepEqual(more, []);
    }
  });

  it("stops a server that is in a group which is written out beside the declared one", async () => {
    for (const vpcSecurityGroupIds of [
      ["sg-1", "sg-2"],
      [UNKNOWN, "sg-2"],
    ]) {
      assert.equal((await violationsOf(server({ vpcSecurityGroupIds: [GROUP] }, { vpcSecurityGroupIds }))).length, 1);
    }
  });

  it("passes servers that are all in one group where another stack declares it, known or not", async () => {
    for (const vpcSecurityGroupIds of [["sg-1"], [UNKNOWN], UNKNOWN]) {
      const both = [server({}, { vpcSecurityGroupIds }), server({}, { vpcSecurityGroupIds }, "acme-instance-2")];
      assert.deepEqual(await violationsIn([...TENANT, ...both]), []);
    }
  });

  it("stops a server in the database's group, in none, and servers in different ones", async () => {
    const elsewhere: Registered["props"][] = [
      { vpcSecurityGroupIds: [DATABASE] },
      { vpcSecurityGroupIds: [] },
      { ami: "ami-1" },
    ];
    for (const props of elsewhere) {
      assert.equal((await violationsIn([...TENANT, server({}, props)])).length, 1, JSON.stringify(props));
    }
    const both = ["sg-1", "sg-2"].map((id) => server({}, { vpcSecurityGroupIds: [id] }, `acme-instance-${id}`));
    assert.equal((await violationsIn([...TENANT, ...both])).length, 2);
  });

  it("passes rules of the group, whoever they let in, and the rule that lets that group in elsewhere", async () => {
    assert.deepEqual(await violationsOf(rule({ securityGroupId: [GROUP] }, { cidrIpv4: "0.0.0.0/0" })), []);
    assert.deepEqual(
      await violationsOf(rule({ referencedSecurityGroupId: [GROUP] }, { securityGroupId: DATABASE, ...PORT })),
      [],
    );
    settings({ databaseSecurityGroupId: DATABASE }, { port: 6543 });
    const onItsPort = { ...PORT, fromPort: 6543, toPort: "6543" };
    assert.deepEqual(await violationsOf(rule({ referencedSecurityGroupId: [GROUP] }, onItsPort)), []);
    assert.equal((await violationsOf(rule({ referencedSecurityGroupId: [GROUP] }, PORT))).length, 2);
  });

  it("stops rules that let the group in on other ports than the database's, or others besides", async () => {
    const wrong: Registered["props"][] = [
      { fromPort: 0 },
      { toPort: 65535 },
      { fromPort: UNKNOWN, toPort: 65535 },
      { ipProtocol: "-1" },
      { ipProtocol: "udp" },
      { cidrIpv4: "10.0.0.0/8" },
      { cidrIpv6: "::/0", cidrIpv4: UNKNOWN },
      { prefixListId: "pl-1" },
    ];
    for (const props of wrong) {
      const [violation, ...more] = await violationsOf(
        rule({ referencedSecurityGroupId: [GROUP] }, { ...PORT, ...props }),
      );
      const [property = ""] = Object.keys(props).filter((key) => props[key] !== UNKNOWN);
      assert.ok(violation?.includes(property), `${JSON.stringify(props)}: ${violation}`);
      assert.deepEqual(more, []);
    }
    assert.equal((await violationsOf(rule({ referencedSecurityGroupId: [GROUP] }, { ipProtocol: "-1" }))).length, 3);
  });

  it("stops a second group beside the servers', whoever is in it", async () => {
    const debug: Registered = { urn: DEBUG, props: { vpcId: "vpc-1" } };
    const inEach = [GROUP, DEBUG].map((group, index) =>
      server({ vpcSecurityGroupIds: [group] }, { vpcSecurityGroupIds: [`sg-${index}`] }, `acme-instance-${index}`),
    );
    const opened = rule({ referencedSecurityGroupId: [DEBUG] }, { securityGroupId: DATABASE, ...PORT });
    for (const more of [[], inEach, [opened]]) {
      const found = await stackMessages(serversShareOneSecurityGroup, [...FLEET, debug, ...more]);
      assert.deepEqual(found, [
        {
          urn: GROUP,
          message:
            'The security group "servers-security-group" is declared beside "debug-security-group". Declare one for all servers.',
        },
        {
          urn: DEBUG,
          message:
            'The security group "debug-security-group" is declared beside "servers-security-group". Declare one for all servers.',
        },
      ]);
    }
  });

  it("stops rules that open another group to others", async () => {
    const elsewhere = ELSEWHERE.map((from) => ({ securityGroupId: from, referencedSecurityGroupId: from }));
    for (const made of [...elsewhere, {}, { tags: [GROUP] }] as From[]) {
      const [violation, ...more] = await violationsOf(rule(made, { securityGroupId: DATABASE, cidrIpv4: "0.0.0.0/0" }));
      assert.match(
        violation ?? "",
        /^The rule "servers-rule" opens a security group that is not declared here to others/,
      );
      assert.deepEqual(more, []);
    }
  });

  it("ignores what a run with --target leaves out", async () => {
    assert.deepEqual(await violationsOf(server({}, {})), []);
    assert.deepEqual(await violationsOf(rule({}, {})), []);
  });
});

type From = NonNullable<Registered["propertyDependencies"]>;

function server(propertyDependencies: From, props: Registered["props"], name = "acme-instance"): Registered {
  return { urn: childOfTenant("aws:ec2/instance:Instance", name), props, parent: ACME, propertyDependencies };
}

function rule(propertyDependencies: From, props: Registered["props"]): Registered {
  return { urn: outside(RULE_TYPE, "servers-rule"), props, propertyDependencies };
}

async function violationsOf(resource: Registered): Promise<string[]> {
  const found = await stackMessages(serversShareOneSecurityGroup, [...FLEET, resource]);
  for (const { urn } of found) assert.equal(urn, resource.urn);
  return found.map(({ message }) => message);
}

async function violationsIn(resources: readonly Registered[]): Promise<string[]> {
  return (await stackMessages(serversShareOneSecurityGroup, resources)).map(({ message }) => message);
}
