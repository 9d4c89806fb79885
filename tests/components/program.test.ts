import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { runProgram } from "./program";
import { named, SERVER_GROUP, settled } from "./recorder";

let tenantsDir: string;

beforeEach(() => {
  tenantsDir = mkdtempSync(join(tmpdir(), "program-"));
});

afterEach(() => rmSync(tenantsDir, { recursive: true, force: true }));

function tenantFile(slug: string, more = ""): void {
  writeFileSync(join(tenantsDir, `${slug}.yaml`), `frontendUrl: https://${slug}.example.com\n${more}`);
}

function run(fleet: boolean, more: Readonly<Record<string, object>> = {}) {
  return runProgram({ tenantsDir, fleet, more });
}

test("the fleet's stack declares the shared database, and the tenants that name no stack", async () => {
  tenantFile("acme");
  tenantFile("beta");
  tenantFile("elsewhere", "stack: prod-elsewhere\n");
  const { registrations, result } = await run(true);
  const roots = registrations.filter(({ parent }) => parent === "").map(({ name }) => name);
  assert.deepEqual(roots.sort(), ["acme", "beta", "database-admin", "servers", "shared-database"]);
  assert.deepEqual(Object.keys(result.outputs?.tenants ?? {}), ["acme", "beta"]);
  for (const guard of registrations.filter(({ name }) => name.endsWith("-schema-guard"))) {
    assert.deepEqual(guard.dependsOn, ["shared-database-public-connect", "shared-database-public-schema"]);
  }
  // A component that is skipped ends a run that goes on past a failure.
  for (const { name, type, dependsOn } of registrations) if (/^b2b:/.test(type)) assert.deepEqual(dependsOn, [], name);
});

test("a tenant on its way to another database server has its database and its gate here, and is in no output", async () => {
  tenantFile("acme", "databaseOnly: true\nrotation: { password: 2 }\n");
  const { registrations, result } = await run(true);
  const types = registrations.filter(({ name }) => name.startsWith("acme")).map(({ type }) => type);
  assert.deepEqual([...new Set(types.map((type) => type.split(":")[0]))].sort(), [
    "b2b",
    "postgresql",
    "pulumi-nodejs",
    "random",
  ]);
  assert.ok(!types.some((type) => /Server$|LoginHandover$/.test(type)));
  assert.ok(named(registrations, "acme-gate").dependsOn.includes("acme-migrations"));
  assert.deepEqual(result.outputs?.tenants, {});
});

test("another stack declares its own tenants alone, with servers in the group that the fleet's stack declares", async () => {
  tenantFile("acme");
  tenantFile("beta", "stack: prod\n");
  const { registrations, result } = await run(false);
  const roots = registrations.filter(({ parent }) => parent === "").map(({ name }) => name);
  assert.deepEqual(roots.sort(), ["beta", "database-admin"]);
  assert.deepEqual(Object.keys(result.outputs?.tenants ?? {}), ["beta"]);
  assert.deepEqual(named(registrations, "beta-instance").inputs.vpcSecurityGroupIds, [SERVER_GROUP]);
});

test("the SDK sends the engine no debug messages, which are most of what a program says", async () => {
  tenantFile("acme");
  const log = pulumi.log as { debug: typeof pulumi.log.debug };
  let sent = 0;
  log.debug = async () => {
    sent += 1;
  };
  const { registrations } = await run(true);
  assert.ok(sent < registrations.length, `${sent} messages about ${registrations.length} resources`);
});

test("topic and database's alarms are the fleet's stack's, every server's alarm its own stack's; without the section there are none", async () => {
  tenantFile("acme");
  tenantFile("elsewhere", "stack: prod\n");
  const alarms = { addresses: ["ops@example.com"], databaseInstance: "b2b-platform", allocatedStorage: 20 };
  const alarmsOf = async (fleet: boolean, more: Readonly<Record<string, object>>) =>
    (await run(fleet, more)).registrations
      .filter(({ type }) => /^aws:(cloudwatch|sns)/.test(type))
      .map(({ name }) => name)
      .sort();
  const topic = ["alarms-to-ops@example.com", "alarms-topic"];
  const ofDatabase = ["connections-alarm", "connections-warning", "cpu", "memory", "storage"].map(
    (it) => `alarms-${it}`,
  );
  const ofElsewhere = ["elsewhere-status-alarm"];
  assert.deepEqual(await alarmsOf(false, { alarms }), ofElsewhere);
  assert.deepEqual(await alarmsOf(true, { alarms }), ["acme-status-alarm", ...ofDatabase, ...topic, ...ofElsewhere]);
  assert.deepEqual(await alarmsOf(true, {}), []);
});

test("a tenant is made of the same in every stack of its environment: the names of the stacks are in none of it", async () => {
  const alarms = { addresses: ["ops@example.com"], databaseInstance: "b2b-platform", allocatedStorage: 20 };
  const madeOf = async (stack: string, fleet: boolean) => {
    tenantFile("acme", fleet ? "" : `stack: ${stack}\n`);
    const { registrations } = await runProgram({ tenantsDir, fleet, stack, more: { alarms } });
    const own = registrations.filter(({ name }) => name.split("-", 1)[0] === "acme");
    // What the fleet stack makes beforehand is waited for there alone.
    return own.map(({ urn: _, dependsOn, madeFrom, ...rest }) => ({
      ...rest,
      madeFrom: { ...madeFrom, vpcSecurityGroupIds: [] },
      dependsOn: dependsOn.filter((name) => name.startsWith("acme")),
    }));
  };
  const inFleet = await madeOf("one-name", true);
  const byName = (list: Awaited<ReturnType<typeof madeOf>>) => list.sort((a, b) => a.name.localeCompare(b.name));
  assert.ok(inFleet.length > 20, `${inFleet.length} resources`);
  assert.deepEqual(byName(await madeOf("another", false)), byName(inFleet));
});

test("tenants that together take more connections than there are: told without a stack trace, and nothing is declared", async () => {
  tenantFile("acme", "database: { connectionLimit: 60 }\n");
  tenantFile("elsewhere", "stack: prod-elsewhere\ndatabase: { connectionLimit: 11 }\n");
  const { registrations, result } = await run(true);
  assert.deepEqual(registrations, []);
  assert.ok(pulumi.RunError.isInstance(result.error));
  assert.match(result.error.message, /^1 error, nothing was changed:\n.*got 71 \+ 10 = 81, 1 more than 80; /);
});

test("the provider is told what RDS's admin is, and gets the password as a secret", async () => {
  const { registrations } = await run(true);
  const provider = registrations.find(({ name }) => name === "database-admin");
  assert.deepEqual(provider?.inputs, {
    host: "db.example.com",
    port: "5432",
    database: "postgres",
    username: "postgres",
    password: { secret: "admin-secret" },
    sslmode: "require",
    superuser: "false",
    connectTimeout: "10",
  });
});

test("the output is a row of the quick reference for each tenant, with nothing secret in it", async () => {
  tenantFile("acme");
  const { result } = await run(true);
  assert.deepEqual(await settled(pulumi.output(result.outputs?.tenants)), {
    value: {
      acme: {
        databaseUser: "user_acme",
        schema: "schema_acme",
        server: "ec2-1.example.com",
        ssmPath: "/b2b-tenants/prod/acme/env",
        stack: "prod",
      },
    },
    secret: false,
  });
  assert.deepEqual(Object.keys(result.outputs ?? {}), ["tenants"]);
});

test("an error in any file is told without a stack trace, and nothing at all is declared", async () => {
  tenantFile("acme");
  tenantFile("beta", "frontendURL: x\n");
  tenantFile("elsewhere", "stack: prod-elsewhere\nadopt: perhaps\n");
  const { registrations, result } = await run(true);
  assert.deepEqual(registrations, []);
  assert.ok(pulumi.RunError.isInstance(result.error));
  assert.match(result.error.message, /^2 errors, nothing was changed:\n.*beta\.yaml:2:1: .*\n.*elsewhere\.yaml:3:8: /);
});
