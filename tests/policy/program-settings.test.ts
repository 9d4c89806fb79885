import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { policies } from "../../policy/policies";
import { configOf, type Program, runProgram } from "../components/program";
import { stackViolations, violations } from "./analysis";
import { asRegistered } from "./program-resources";
import { withSettings } from "./stack-settings";

const LONGEST = "a".repeat(56);
const SMALLEST = "frontendUrl: https://shop.example.com\n";
const WHOLE = `frontendUrl: https://shop.example.com:8443
allowedOrigins: ["https://admin.example.com:9443", "http://127.0.0.1:3000"]
database: { connectionLimit: 9, statementTimeout: 2min, idleInTransactionTimeout: 90s }
server: { instanceType: t3.large, subnetId: subnet-0123456789abcdef0, pooler: transaction }
rotation: { password: 3, secretKey: 4, server: 5 }
adopt: true
offboarding: { backup: false }
`;

const NETWORK = {
  vpcId: "vpc-0123456789abcdef0",
  subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  databaseSecurityGroupId: "sg-0123456789abcdef0",
  ingress: [
    { port: 443, cidr: "0.0.0.0/0", description: "Everybody" },
    { port: 443, cidr: "::/0", description: "Everybody" },
    { port: 8080, cidr: "10.20.0.0/16", description: "The office" },
    { port: 8080, cidr: "fd00:1::/64", description: "The office" },
  ],
};

const DATABASE = { host: "10.0.0.5", port: 6543, name: "platform", adminUser: "provisioner" };

interface Case extends Partial<Program> {
  readonly what: string;
  /** By slug. */
  readonly tenants: Readonly<Record<string, string>>;
}

const CASES: readonly Case[] = [
  { what: "no tenants at all", tenants: {} },
  { what: "every key of a tenant file, beside the smallest", tenants: { acme: WHOLE, acme_2: SMALLEST } },
  { what: "names of one letter and of 56, one the beginning of another", tenants: { a: WHOLE, [LONGEST]: WHOLE } },
  { what: "a stack of its own, with a dot in its name", stack: "prod.eu-1", tenants: { acme: SMALLEST, b: WHOLE } },
  {
    what: "a stack beside the fleet's",
    stack: "prod-acme",
    fleet: false,
    tenants: { acme: `${WHOLE}stack: prod-acme\n`, beta: SMALLEST },
  },
  {
    what: "a tenant on its way from or to another database server, which has no server here",
    tenants: { acme: `${WHOLE}databaseOnly: true\n`, beta: SMALLEST },
  },
  { what: "a network with ranges of every kind", tenants: { acme: SMALLEST }, more: { network: NETWORK } },
  ...["require", "verify-ca", "verify-full"].map((sslmode) => ({
    what: `another database, sslmode ${sslmode}`,
    tenants: { acme: SMALLEST },
    more: { database: { ...DATABASE, sslmode } },
  })),
  {
    what: "a database on the same machine, without TLS",
    tenants: { acme: SMALLEST },
    more: { database: { ...DATABASE, host: "127.0.0.1", sslmode: "disable" } },
  },
  {
    what: "backups in a folder, or under a key",
    tenants: { acme: WHOLE },
    more: { backups: { destination: "s3://backups/tenants", kmsKeyId: "alias/backups" } },
  },
];

describe("the policy pack, whatever settings and tenant files say", () => {
  const settings = withSettings();

  for (const { what, tenants, ...program } of CASES) {
    it(`passes ${what}`, async () => {
      const tenantsDir = mkdtempSync(join(tmpdir(), "policies-"));
      try {
        for (const [slug, text] of Object.entries(tenants)) writeFileSync(join(tenantsDir, `${slug}.yaml`), text);
        const declared = { tenantsDir, fleet: true, ...program };
        settings({ PULUMI_CONFIG: JSON.stringify(configOf(declared)) });
        const { registrations, result } = await runProgram(declared);
        assert.equal(result.error, undefined);
        const resources = asRegistered(registrations, program.stack);
        for (const resource of resources) assert.deepEqual(await violations(policies, resource), [], resource.urn);
        assert.deepEqual(await stackViolations(policies, resources), []);
        const made = resources.filter(({ urn }) => urn.includes("::b2b:index:Tenant::")).length;
        assert.equal(made, program.fleet === false ? 1 : Object.keys(tenants).length);
      } finally {
        rmSync(tenantsDir, { recursive: true, force: true });
      }
    });
  }
});
