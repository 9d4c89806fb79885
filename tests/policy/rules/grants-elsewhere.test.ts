import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { grantsStayWithinTheTenant } from "../../../policy/rules/grants";
import { messages, type Registered, secret, UNKNOWN } from "../analysis";
import { inTenant, outside } from "../urns";

type Props = Registered["props"];

const GRANT = "postgresql:index/grant:Grant";
const DEFAULTS = "postgresql:index/defaultPrivileges:DefaultPrivileges";

const OWN: Props = {
  database: "postgres",
  role: "user_acme",
  schema: "schema_acme",
  objectType: "schema",
  privileges: ["USAGE"],
};
const CONNECT: Props = { database: "postgres", role: "user_acme", objectType: "database", privileges: ["CONNECT"] };
const TABLES: Props = { ...OWN, owner: "postgres", objectType: "table", privileges: ["SELECT"] };

describe("policy grants-stay-within-the-tenant, in a tenant", () => {
  it("passes what a tenant has: CONNECT, its schema, and what the admin makes there", async () => {
    assert.deepEqual(await violationsOf(OWN), []);
    assert.deepEqual(await violationsOf(CONNECT), []);
    for (const objectType of ["table", "column", "sequence", "function", "procedure", "routine", "type"]) {
      assert.deepEqual(await violationsOf({ ...OWN, objectType }), []);
    }
    assert.deepEqual(await violationsOf(TABLES, DEFAULTS), []);
    assert.deepEqual(await violationsOf({ ...TABLES, owner: "user_acme" }, DEFAULTS), []);
    assert.deepEqual(await violationsOf({ ...OWN, role: secret("user_acme"), withGrantOption: false }), []);
  });

  it("stops a grant to another role", async () => {
    for (const role of ["user_beta", "user_acme2", "USER_ACME", "postgres", "user_acme\0", null, ["user_acme"]]) {
      const [violation, ...more] = await violationsOf({ ...OWN, role });
      assert.match(violation ?? "", /^It grants rights to .*\. In tenant "acme" only user_acme may get any\.$/);
      assert.deepEqual(more, []);
    }
  });

  it("stops a grant in another schema, or in none", async () => {
    assert.deepEqual(await violationsOf({ ...OWN, schema: "schema_acme2" }), [
      'It grants rights on a "schema" in schema "schema_acme2". Tenant "acme" may have rights in schema_acme alone.',
    ]);
    for (const schema of ["public", "pg_catalog", null])
      assert.equal((await violationsOf({ ...OWN, schema })).length, 1);
    // Without a schema these are rights on what is made in any.
    const { schema: _, ...everywhere } = TABLES;
    assert.match((await violationsOf(everywhere, DEFAULTS)).join(), /^It grants rights on a "table" in schema not set/);
    assert.equal((await violationsOf({ ...CONNECT, objectType: "foreign_server", privileges: ["USAGE"] })).length, 1);
  });

  it("stops a grant on what is in no schema, whatever schema it names", async () => {
    for (const objectType of ["foreign_server", "foreign_data_wrapper", "language", "SCHEMA", null]) {
      assert.match(
        (await violationsOf({ ...OWN, objectType })).join(),
        /^It grants rights on a .*, which is in no schema\./,
      );
    }
  });

  it("stops more than CONNECT on the database", async () => {
    for (const privileges of [["CREATE"], ["CONNECT", "CREATE"], ["ALL"], ["connect"], "CONNECT", null]) {
      assert.match(
        (await violationsOf({ ...CONNECT, privileges })).join(),
        /on the database\. A tenant may only CONNECT to it\.$/,
      );
    }
  });

  it("stops rights that the tenant could pass on", async () => {
    for (const withGrantOption of [true, "true", 1]) {
      assert.match(
        (await violationsOf({ ...OWN, withGrantOption })).join(),
        /^Its withGrantOption is set\. Leave it out: the tenant could pass its rights on\.$/,
      );
    }
  });

  it("stops default privileges on what another tenant makes", async () => {
    assert.match(
      (await violationsOf({ ...TABLES, owner: "user_beta" }, DEFAULTS)).join(),
      /"user_beta", another tenant's role, will make/,
    );
  });

  it("passes revocations, wherever they are", async () => {
    assert.deepEqual(await violationsOf({ ...OWN, role: "public", schema: "schema_beta", privileges: [] }), []);
  });

  it("reports every violation, also next to what a preview does not know", async () => {
    assert.equal(
      (await violationsOf({ ...OWN, role: "user_beta", schema: "schema_beta", withGrantOption: true })).length,
      3,
    );
    assert.equal(
      (await violationsOf({ ...OWN, role: UNKNOWN, schema: "schema_beta", withGrantOption: true })).length,
      2,
    );
    assert.equal(
      (await violationsOf({ ...OWN, role: "user_beta", schema: UNKNOWN, withGrantOption: UNKNOWN })).length,
      1,
    );
    assert.deepEqual(await violationsOf({ ...OWN, role: "user_beta", privileges: UNKNOWN }), []);
  });

  it("shows hostile names harmlessly and cut", async () => {
    const [violation = ""] = await violationsOf({ ...OWN, role: `\u001b[2J\u202e${"x".repeat(500)}` });
    assert.match(violation, /^It grants rights to "\\u001b\[2J\\u\{202e\}x+…\. In tenant/);
    assert.ok(violation.length < 300);
  });
});

describe("policy grants-stay-within-the-tenant, outside of tenants", () => {
  it("passes what concerns no tenant", async () => {
    assert.deepEqual(await violationsOutside({ ...OWN, role: "reader", schema: "reports" }), []);
    assert.deepEqual(
      await violationsOutside({ ...CONNECT, role: "reader", privileges: ["CREATE"], withGrantOption: true }),
      [],
    );
    assert.deepEqual(await violationsOutside({ ...OWN, role: "public", schema: "schema_acme", privileges: [] }), []);
    assert.deepEqual(await violationsOutside({ role: "public", objectType: "database", privileges: [] }), []);
  });

  it("stops rights of a tenant's role, and in a tenant's schema", async () => {
    assert.match(
      (await violationsOutside({ ...CONNECT })).join(),
      /^It grants rights to "user_acme", a tenant's role, outside of any tenant/,
    );
    assert.match(
      (await violationsOutside({ ...OWN, role: "reader" })).join(),
      /^It grants rights in "schema_acme", a tenant's schema, outside of any tenant/,
    );
    assert.equal((await violationsOutside({ ...OWN })).length, 2);
  });
});

function violationsOf(props: Props, type = GRANT): Promise<string[]> {
  return messages(grantsStayWithinTheTenant, inTenant(type, "acme-grant"), props);
}

function violationsOutside(props: Props): Promise<string[]> {
  return messages(grantsStayWithinTheTenant, outside(GRANT, "shared-grant"), props);
}
