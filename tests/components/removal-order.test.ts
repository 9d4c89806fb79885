import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as postgresql from "@pulumi/postgresql";
import { diff } from "../../components/dynamic/offboarding-gate-run";
import { SharedDatabase } from "../../components/shared/shared-database";
import { Tenant, type TenantArgs } from "../../components/tenant";
import type { GateInputs } from "../../database/offboarding/offboard";
import { named, type Registration, record } from "./recorder";
import { tenantArgs } from "./tenant-args";

let registrations: Registration[];

before(async () => {
  registrations = await tenant({});
});

async function tenant(more: Pick<TenantArgs, "alarmTopic">): Promise<Registration[]> {
  const run = await record(() => {
    const providers = { postgresql: new postgresql.Provider("database-admin", {}) };
    const shared = new SharedDatabase("shared-database", { database: "postgres" }, { providers });
    new Tenant("acme", tenantArgs(more), { providers, dependsOn: [shared] });
  });
  return run.registrations;
}

/** Everything that has to be there before the named resource, and so is removed after it. */
function needs(name: string, registrations: readonly Registration[]): Set<string> {
  const seen = new Set<string>();
  const visit = (at: string) => {
    for (const next of named(registrations, at).dependsOn) {
      if (seen.has(next)) continue;
      seen.add(next);
      visit(next);
    }
  };
  visit(name);
  return seen;
}

test("a tenant's database is built step by step: changes to one schema and role never meet", () => {
  const first = ["schema-guard", "password"];
  const steps = ["role", "connect", "schema", "drop-guard", "schema-grant", "tables", "sequences", "init"];
  for (const [i, step] of steps.entries()) {
    const earlier = [...first, ...steps.slice(0, i)].map((s) => `acme-${s}`);
    const missing = earlier.filter((name) => !needs(`acme-${step}`, registrations).has(name));
    assert.deepEqual(missing, [], `acme-${step} does not wait for all that comes before it`);
  }
});

test("nothing of a tenant is made in the database before the guard has looked", () => {
  for (const { type, name, parent } of registrations) {
    if (parent !== "acme-database" || !/^(postgresql:|.*(SqlScript|Migrations)$)/.test(type)) continue;
    assert.ok(needs(name, registrations).has("acme-schema-guard"), name);
  }
});

test("PUBLIC's rights are gone before any tenant may connect", () => {
  assert.ok(needs("acme-connect", registrations).has("shared-database-public-connect"));
  assert.ok(needs("acme-connect", registrations).has("shared-database-public-schema"));
});

test("the server boots when tables, parameters, identity and network are there, and goes before they do", () => {
  const needed = needs("acme-instance", registrations);
  for (const { name, parent } of registrations) {
    if (parent !== "acme-server" && parent !== "acme-database") continue;
    if (name !== "acme-instance") assert.ok(needed.has(name), name);
  }
});

// A gate that fails keeps what it depends on, whatever that goes through, and nothing else.
for (const alarmTopic of [undefined, { name: "alarms", resource: undefined }]) {
  test(`the gate of a tenant ${alarmTopic ? "with" : "without"} an alarm depends on everything else of it`, async () => {
    const resources = await tenant({ alarmTopic });
    const needed = needs("acme-gate", resources);
    const others = resources
      .filter(({ name }) => /^acme-(?!gate$|database$|server$)/.test(name))
      .map(({ name }) => name);
    assert.equal(others.includes("acme-status-alarm"), alarmTopic !== undefined);
    assert.ok(others.length > 20, others.join(" "));
    assert.deepEqual(
      others.filter((name) => !needed.has(name)),
      [],
    );
  });
}

test("grants, default privileges and script vanish with their role or schema", () => {
  const owners = Object.fromEntries(
    registrations.filter(({ deletedWith }) => deletedWith).map(({ name, deletedWith }) => [name, deletedWith]),
  );
  assert.deepEqual(owners, {
    "acme-schema-grant": "acme-schema",
    "acme-tables": "acme-schema",
    "acme-sequences": "acme-schema",
    "acme-init": "acme-schema",
    "acme-migrations": "acme-schema",
  });
});

test("what replaces the schema has the gate deleted before, and so its backup taken", async () => {
  assert.equal(named(registrations, "acme-schema").deleteBeforeReplace, true);
  assert.deepEqual(named(registrations, "acme-gate").madeFrom.schema, ["acme-schema"]);
  const gate = { tenant: "acme", schema: "schema_acme", backup: true } as GateInputs;
  // Pulumi asks with the unknown in the place of what is to be replaced.
  const answer = await diff("", gate, { ...gate, schema: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" });
  assert.deepEqual(answer, { changes: true, replaces: ["schema"] });
});
