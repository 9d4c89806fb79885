import assert from "node:assert/strict";
import { test } from "node:test";
import { Tenant } from "../../components/tenant";
import { named, type Registration, record } from "./recorder";
import { tenantSpec } from "./settings";
import { tenantArgs } from "./tenant-args";

async function tenant(adopt: boolean): Promise<Registration[]> {
  const args = tenantArgs({ spec: tenantSpec({ adopt }) });
  return (await record(() => new Tenant("acme", args, {}))).registrations;
}

function imported(registrations: Registration[]): Record<string, string> {
  return Object.fromEntries(registrations.filter((r) => r.importId).map((r) => [r.name, r.importId]));
}

test("a new tenant imports nothing, and a guard stands before all of it", async () => {
  const registrations = await tenant(false);
  assert.deepEqual(imported(registrations), {});
  assert.ok(named(registrations, "acme-role").dependsOn.includes("acme-schema-guard"));
  assert.equal(named(registrations, "acme-schema-guard").inputs.adopt, false);
  assert.equal(named(registrations, "acme-init").inputs.adopt, false);
});

test("an adopted tenant imports role and schema behind the same guard, and its script runs among what is there", async () => {
  const registrations = await tenant(true);
  assert.deepEqual(imported(registrations), { "acme-role": "user_acme", "acme-schema": "postgres.schema_acme" });
  assert.ok(named(registrations, "acme-role").dependsOn.includes("acme-schema-guard"));
  assert.equal(named(registrations, "acme-schema-guard").inputs.adopt, true);
  assert.equal(named(registrations, "acme-init").inputs.adopt, true);
});

test("but for what is told about adoption, a tenant is the same resources with the same inputs and order", async () => {
  const made = await tenant(false);
  const adopted = await tenant(true);
  const rest = (registrations: Registration[]) =>
    registrations.map(({ inputs: { adopt: _, ...inputs }, importId: __, ...registration }) => ({
      ...registration,
      inputs,
    }));
  assert.deepEqual(rest(adopted), rest(made));
});
