import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Tenant } from "../../components/tenant";
import { TenantDatabase } from "../../components/tenant-database";
import { unpackedUserData } from "../rehearsal/user-data";
import { ADMIN_PASSWORD, named, PASSWORD, type Registration, record, SECRET_KEY, settled } from "./recorder";
import { NO_MIGRATIONS, SETTINGS, tenantSpec } from "./settings";
import { tenantArgs } from "./tenant-args";

let registrations: Registration[];

before(async () => {
  const run = await record(() => new Tenant("acme", tenantArgs(), {}));
  registrations = run.registrations;
});

/** Every text among the inputs that is not marked as a secret. */
function textsInClear(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || "secret" in value) return [];
  return Object.values(value).flatMap(textsInClear);
}

test("no input of any resource carries a secret in clear, the user data least of all", () => {
  const userData = unpackedUserData(String(named(registrations, "acme-instance").inputs.userData));
  assert.match(userData, /b2b-tenants-env/);
  const texts = [userData, ...registrations.flatMap(({ inputs }) => textsInClear(inputs))];
  for (const secret of [PASSWORD, SECRET_KEY, ADMIN_PASSWORD])
    assert.deepEqual(
      texts.filter((text) => text.includes(secret)),
      [],
    );
});

test("secrets are what the secret inputs are, and reach exactly these resources", () => {
  const holders = registrations.filter(({ inputs }) => JSON.stringify(inputs).includes('{"secret":'));
  assert.deepEqual(holders.map(({ name }) => name).sort(), [
    "acme-drop-guard",
    "acme-env-DATABASE_URL",
    "acme-env-SECRET_KEY",
    "acme-gate",
    "acme-init",
    "acme-migrations",
    "acme-role",
    "acme-schema-guard",
  ]);
});

test("the passwords of script, guards and gate stay encrypted in the state", () => {
  const dynamic = registrations.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/"));
  assert.equal(dynamic.length, 5);
  for (const { secretOutputs } of dynamic) assert.deepEqual(secretOutputs, ["password"]);
});

test("the connection string that a database hands out is a secret", async () => {
  const { result } = await record(() => {
    const spec = tenantSpec();
    const args = {
      slug: "acme",
      server: SETTINGS.database,
      ...spec.database,
      reserve: 10,
      pooled: false,
      passwordRotation: 1,
      adminPassword: ADMIN_PASSWORD,
    };
    const tables = { initScript: "sql/tenant_init.sql", migrations: NO_MIGRATIONS, lockTimeout: 3000, canary: false };
    return new TenantDatabase("acme-database", { ...args, ...tables, adopt: false }, {});
  });
  const { value, secret } = await settled(result.connectionString);
  assert.equal(value, `postgresql://user_acme:${PASSWORD}@db.example.com:5433/postgres?sslmode=require`);
  assert.equal(secret, true);
});
