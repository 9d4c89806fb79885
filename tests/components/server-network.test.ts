import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ServerNetwork } from "../../components/shared/server-network";
import { serverGroupName } from "../../domain/names";
import { named, type Registration, record, SERVER_GROUP } from "./recorder";
import { SETTINGS } from "./settings";

let registrations: Registration[];

before(async () => {
  ({ registrations } = await record(() => new ServerNetwork("servers", SETTINGS)));
});

function inputs(name: string): Record<string, unknown> {
  return named(registrations, name).inputs;
}

test("all servers share one group and its rules", () => {
  assert.deepEqual(registrations.map(({ parent, name }) => `${parent} > ${name}`).sort(), [
    " > servers",
    "servers > servers-database-access",
    "servers > servers-egress",
    "servers > servers-ingress-443-0.0.0.0/0",
    "servers > servers-ingress-443-2001_db8__/32",
    "servers > servers-security-group",
  ]);
});

test("the servers are reached on the ports of the settings, and reach the database", () => {
  assert.deepEqual(inputs("servers-security-group"), {
    name: serverGroupName("prod", SETTINGS.database),
    description: "Servers of all tenants of a database",
    vpcId: "vpc-1",
    tags: { Name: "prod-servers", environment: "prod", "managed-by": "b2b-tenants" },
  });
  const https = { ipProtocol: "tcp", fromPort: 443, toPort: 443 };
  assert.deepEqual(inputs("servers-ingress-443-0.0.0.0/0"), {
    securityGroupId: SERVER_GROUP,
    cidrIpv4: "0.0.0.0/0",
    ...https,
    description: "HTTPS",
  });
  assert.deepEqual(inputs("servers-ingress-443-2001_db8__/32"), {
    securityGroupId: SERVER_GROUP,
    cidrIpv6: "2001:db8::/32",
    ...https,
    description: "HTTPS of the office",
  });
  assert.deepEqual(inputs("servers-egress"), {
    securityGroupId: SERVER_GROUP,
    cidrIpv4: "0.0.0.0/0",
    ipProtocol: "-1",
    description: "To the database, AWS and package mirrors",
  });
  assert.deepEqual(inputs("servers-database-access"), {
    securityGroupId: "sg-database",
    referencedSecurityGroupId: SERVER_GROUP,
    ipProtocol: "tcp",
    fromPort: 5433,
    toPort: 5433,
    description: "Servers of tenants",
  });
});

test("databases of one environment have a group each", () => {
  const { database } = SETTINGS;
  const others = [{ host: "db2.example.com" }, { port: 1 }, { name: "other" }].map((part) => ({
    ...database,
    ...part,
  }));
  const names = [database, ...others].map((each) => serverGroupName("prod", each));
  assert.equal(new Set(names).size, 4);
  for (const name of names) assert.match(name, /^b2b-tenants-prod-servers-[0-9a-f]{8}$/);
});
