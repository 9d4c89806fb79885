import assert from "node:assert/strict";
import { test } from "node:test";
import { Tenant } from "../../components/tenant";
import { ADMIN_PASSWORD, named, type Registration, record } from "./recorder";
import { SETTINGS, tenantSpec } from "./settings";

async function tenant(adopt: boolean): Promise<Registration[]> {
  const args = { spec: tenantSpec({ adopt }), settings: SETTINGS, adminPassword: ADMIN_PASSWORD, stack: "prod" };
  return (await record(() => new Tenant("acme", args, {}))).registrations;
}

function imported(registrations: Registration[]): Record<string, string> {
  return Object.fromEntries(registrations.filter((r) => r.importId).map((r) => [r.name, r.importId]));
}

test("a new tenant imports nothing, and a guard stands before its schema", async () => {
  const registrations = await tenant(false);
  assert.deepEqual(imported(registrations), {});
  assert.ok(named(registrations, "acme-schema").dependsOn.includes("acme-schema-guard"));
  assert.equal(named(registrations, "acme-init").inputs.adopt, false);
});

test("an adopted tenant imports role and schema, with no guard, and its script runs among what is there", async () => {
  const registrations = await tenant(true);
  assert.deepEqual(imported(registrations), { "acme-role": "user_acme", "acme-schema": "postgres.schema_acme" });
  assert.ok(!registrations.some(({ name }) => name === "acme-schema-guard"));
  assert.ok(named(registrations, "acme-schema").dependsOn.includes("acme-connect"));
  assert.equal(named(registrations, "acme-init").inputs.adopt, true);
});
