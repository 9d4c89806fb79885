import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { guardsActForTheirTenant } from "../../../policy/rules/guards";
import { messages, UNKNOWN } from "../analysis";
import { inTenant } from "../urns";

const GUARDS = ["OffboardingGate", "DropGuard", "SchemaGuard"].map(dynamic);
const SCRIPT = dynamic("SqlScript");
const MIGRATIONS = dynamic("Migrations");
const HANDOVER = dynamic("LoginHandover");
const GUARD = { tenant: "acme", role: "user_acme", schema: "schema_acme", user: "postgres" };
const RUN = { tenant: "acme", user: "user_acme", schema: "schema_acme", file: "sql/tenant_init.sql" };

describe("policy guards-act-for-their-tenant", () => {
  it("passes guards of their own tenant, and a script that runs as its role", async () => {
    for (const type of GUARDS) assert.deepEqual(await violationsOf(type, GUARD), []);
    for (const type of [SCRIPT, MIGRATIONS]) {
      for (const user of ["user_acme", "user2_acme"]) assert.deepEqual(await violationsOf(type, { ...RUN, user }), []);
    }
    assert.deepEqual(await violationsOf(HANDOVER, { tenant: "acme" }), []);
  });

  it("stops a guard of another tenant's", async () => {
    for (const type of GUARDS) {
      for (const [property, value] of [
        ["tenant", "beta"],
        ["role", "user_beta"],
        ["schema", "schema_beta"],
      ] as const) {
        const [violation, ...more] = await violationsOf(type, { ...GUARD, [property]: value });
        assert.ok(violation?.startsWith(`Its ${property} is "${value}". In tenant "acme" it has to be "`), violation);
        assert.deepEqual(more, []);
        assert.equal((await violationsOf(type, { ...GUARD, [property]: null })).length, 1);
      }
    }
  });

  it("stops a script that runs as the admin or another tenant, or in another schema, and another tenant's handover", async () => {
    assert.equal((await violationsOf(HANDOVER, { tenant: "beta" })).length, 1);
    for (const type of [SCRIPT, MIGRATIONS]) {
      assert.equal((await violationsOf(type, { ...RUN, user: "user2_beta" })).length, 1);
      assert.deepEqual(await violationsOf(type, { ...RUN, user: "postgres" }), [
        'Its user is "postgres". In tenant "acme" it has to be "user_acme" or "user2_acme".',
      ]);
      assert.equal((await violationsOf(type, { ...RUN, schema: "schema_beta" })).length, 1);
    }
  });

  it("reports what is known next to what is not known yet", async () => {
    assert.equal((await violationsOf(SCRIPT, { ...RUN, user: "postgres", schema: UNKNOWN })).length, 1);
    assert.deepEqual(await violationsOf(SCRIPT, { ...RUN, user: UNKNOWN }), []);
  });
});

function dynamic(name: string): string {
  return `pulumi-nodejs:dynamic/b2b-tenants:${name}`;
}

function violationsOf(type: string, props: object): Promise<string[]> {
  return messages(guardsActForTheirTenant, inTenant(type, "acme-x"), props);
}
