import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tenantEnvNamesNoAdmin } from "../../../policy/rules/tenant-env-names-no-admin";
import { secret, UNKNOWN, violations } from "../analysis";
import { pulumiConfig, withSettings } from "../stack-settings";
import { childOfTenant, outside } from "../urns";

const PARAMETER = "aws:ssm/parameter:Parameter";
const ADMIN = "postgres";
const PASSWORD = 'k7/Gr&ün "1"';

const OTHER = `It holds a login that is not the tenant's. Every login in it has to be that of "user_acme".`;
const NAMED = `It names the admin's login, which no tenant may know. Name "user_acme".`;
const UNCLEAR = "It holds a URL of which nobody can tell who logs in. Percent-encode the user and the password in it.";
const HELD =
  "It holds the admin's password, which no tenant may know. Give it the tenant's own, and the admin another.";

describe("policy tenant-env-names-no-admin", () => {
  const environment = withSettings();
  const asAdministered = () => environment({ PULUMI_CONFIG: pulumiConfig(ADMIN, PASSWORD) });

  it("passes the tenant's own login in every form, and what is none", async () => {
    asAdministered();
    for (const value of [
      "postgresql://user_acme:pw@db.example.com:5432/postgres?sslmode=require",
      "postgresql://user_acme@db.example.com,db2.example.com:5433/postgres",
      "postgres://user%5Facme:p%40%2F%3A%3Fuser%3Dpostgres@db/postgres?application_name=a",
      "postgresql://db.example.com/postgres?user=user_acme&password=pw",
      "host=db.example.com dbname=postgres user=user_acme password='pw'",
      '{"user": "user_acme", "password": "pw", "url": "postgresql://user_acme:pw@db"}',
      "Server=db;User Id=user_acme;Password=pw",
      "https://postgres.example.com",
      "https://postgres.example.com:8443,http://localhost:3000",
      "https://example.com/@postgres",
      "production",
      "",
      "user",
      "{",
      "100",
      "%zz",
    ]) {
      assert.deepEqual(await told("SOME_URL", value), [], value);
    }
  });

  it("passes the URL of a tenant whose name ends like a property's", async () => {
    const urn = childOfTenant(PARAMETER, "super_user-env-DATABASE_URL");
    const name = "/b2b-tenants/prod/super_user/env/DATABASE_URL";
    assert.deepEqual(await said(urn, { name, value: "postgresql://user_super_user:pw@db/postgres" }), []);
  });

  it("stops the admin's name: as the user, or as the whole value", async () => {
    asAdministered();
    for (const value of [
      "postgresql://postgres:pw@db.example.com/postgres",
      "postgresql://%70ostgres@db.example.com/postgres",
      "postgresql+asyncpg://Postgres:pw@db/postgres",
      "https://user_acme@one,postgresql://postgres@db",
      "postgresql://user_acme:pw@db/postgres?user=postgres",
      "postgresql://user_acme:pw@db/postgres?%75ser=%70ostgres",
      "jdbc:postgresql://db/postgres?ssl=true&user=postgres",
      "postgresql%3A%2F%2Fpostgres%3Apw%40db%2Fpostgres",
      "host=db user = 'postgres' dbname=postgres",
      "User ID=postgres;Host=db",
      "PGUSER=postgres PGHOST=db",
      "username: postgres",
      '{"db": {"\\u0075ser": "postgres"}}',
      '[{"url": "postgresql:\\/\\/postgres:pw@db"}]',
      '"{\\"login\\": \\"postgres\\"}"',
      "{'user':'postgres'}",
      "postgres",
      ' "postgres"\n',
    ]) {
      assert.deepEqual(await told("SOME_URL", value), [NAMED], value);
    }
  });

  it("stops any other login, also where the admin's name is not at hand", async () => {
    for (const config of [
      undefined,
      "",
      "{",
      "null",
      '"text"',
      '{"b2b-tenants:database": "{"}',
      pulumiConfig("", ""),
    ]) {
      environment(config === undefined ? {} : { PULUMI_CONFIG: config });
      for (const value of [
        "postgresql://postgres:pw@db/postgres",
        "postgresql://user_acme2:pw@db/postgres",
        "postgresql://USER_ACME:pw@db/postgres",
        "postgresql://:pw@db/postgres",
        "postgresql://db/postgres?user=",
        "host=db user=user_other",
        '{"user": ["user_other"]}',
        '{"user": null}',
      ]) {
        assert.deepEqual(await told("SOME_URL", value), [OTHER], value);
      }
      assert.deepEqual(await told("SOME_NAME", "postgres"), []);
    }
  });

  it("stops a URL that programs would read differently", async () => {
    for (const value of [
      "postgresql://user_acme@postgres:pw@db/postgres",
      "postgresql://user_acme:p@ss@db/postgres",
      "postgresql://user_acme:pa/ss@db/postgres",
      "postgresql://postgres:12/34@db/postgres",
      "postgresql://user_acme:pa#ss@db/postgres",
    ]) {
      assert.deepEqual(await told("SOME_URL", value), [UNCLEAR], value);
    }
  });

  it("stops a user's key that holds another than the tenant's", async () => {
    for (const key of ["PGUSER", "DB_USERNAME", "DB_LOGIN", "ROLE", "db_user"]) {
      assert.deepEqual(await told(key, "user_acme"), []);
      assert.deepEqual(await told(key, "user_other"), [
        `Its key "${key}" is a user's, and it is not the tenant's. Let it be "user_acme".`,
      ]);
    }
    assert.deepEqual(await told("USER_AGENT", "backend"), []);
  });

  it("stops a tenant's login that is the admin's", async () => {
    environment({ PULUMI_CONFIG: pulumiConfig("user_acme", PASSWORD) });
    assert.deepEqual(await told("DATABASE_URL", "postgresql://user_acme:pw@db/postgres"), [NAMED]);
    assert.deepEqual(await told("PGUSER", "user_acme"), [NAMED]);
  });

  it("stops the admin's password, however it is written, from either place that it may be set in", async () => {
    for (const settings of [
      { PULUMI_CONFIG: pulumiConfig(ADMIN, PASSWORD) },
      { PULUMI_CONFIG: "{", PGPASSWORD: PASSWORD },
      { PULUMI_CONFIG: pulumiConfig(ADMIN, "another one"), PGPASSWORD: PASSWORD },
    ]) {
      environment(settings);
      for (const value of [
        PASSWORD,
        `x${PASSWORD}x`,
        `x${encodeURIComponent(PASSWORD)}x`,
        `postgresql://user_acme:${encodeURIComponent(PASSWORD)}@db/postgres`,
        `postgresql://user_acme:${encodeURIComponent(PASSWORD).toLowerCase()}@db/postgres`.replace("%2fgr", "%2fGr"),
        JSON.stringify({ secret: PASSWORD }),
      ]) {
        assert.deepEqual(await told("SECRET_KEY", value), [HELD], value);
      }
    }
  });

  it("stops a password that is a mere word where a password stands, and not where a word may", async () => {
    environment({ PULUMI_CONFIG: pulumiConfig("admin", "postgres") });
    assert.deepEqual(await told("FRONTEND_URL", "https://postgres.example.com"), []);
    assert.deepEqual(await told("DATABASE_URL", "postgresql://user_acme:pw@db/postgres"), []);
    for (const value of [
      "postgres",
      "postgresql://user_acme:postgres@db/x",
      "user=user_acme password=postgres",
      '{"pass":"postgres"}',
    ]) {
      assert.deepEqual(await told("DATABASE_URL", value), [HELD], value);
    }
  });

  it("lets a password be short, and a part of other texts", async () => {
    environment({ PULUMI_CONFIG: pulumiConfig("admin", "db1") });
    assert.deepEqual(await told("FRONTEND_URL", "https://db1.example.com"), []);
    assert.deepEqual(await told("SECRET_KEY", "db1"), [HELD]);
  });

  it("never says what it found", async () => {
    environment({ PULUMI_CONFIG: pulumiConfig("the-admins-name", PASSWORD) });
    for (const value of [
      `postgresql://the-admins-name:${PASSWORD}@db`,
      "postgresql://hunter2@db",
      "user=the-admins-name",
      PASSWORD,
    ]) {
      const found = (await told("DB_USER", value)).join();
      assert.notEqual(found, "");
      assert.doesNotMatch(found, /the-admins-name|hunter2|k7|Gr/);
    }
  });

  it("looks at whatever a tenant's server would read, and at nothing else", async () => {
    const value = "postgresql://postgres:pw@db";
    const name = "/b2b-tenants/prod/acme/env/DATABASE_URL";
    assert.deepEqual(await said(outside(PARAMETER, "more"), { name, value }), [OTHER]);
    assert.deepEqual(await said(outside(PARAMETER, "more"), { name: name.slice(1), value }), [OTHER]);
    assert.deepEqual(await said(outside(PARAMETER, "more"), { name, value: "postgresql://user_acme@db" }), []);
    assert.deepEqual(await said(outside(PARAMETER, "more"), { name: "/shared/DATABASE_URL", value }), []);
    for (const property of ["insecureValue", "valueWo"]) {
      assert.deepEqual(await said(childOfTenant(PARAMETER, "acme-env-X"), { name, [property]: value }), [OTHER]);
    }
  });

  it("stops what is no text, and passes over what is not known", async () => {
    const own = childOfTenant(PARAMETER, "acme-env-PGUSER");
    const name = "/b2b-tenants/prod/acme/env/PGUSER";
    assert.ok(
      (await said(own, { name, value: ["postgresql://postgres@db"] })).includes("Its value is no text. Give it one."),
    );
    assert.deepEqual(await said(own, { name, value: UNKNOWN }), []);
    assert.deepEqual(await said(own, { name, value: secret(UNKNOWN) }), []);
    assert.deepEqual(await said(own, { name, value: UNKNOWN, insecureValue: "user=x" }), [
      OTHER,
      'Its key "PGUSER" is a user\'s, and it is not the tenant\'s. Let it be "user_acme".',
    ]);
    assert.deepEqual(await said(own, { name: UNKNOWN, value: "user=x" }), [OTHER]);
    assert.deepEqual(await said(own, { name }), []);
  });
});

function told(key: string, value: string): Promise<string[]> {
  const urn = childOfTenant(PARAMETER, `acme-env-${key}`);
  return said(urn, { name: `/b2b-tenants/prod/acme/env/${key}`, type: "SecureString", value: secret(value) });
}

async function said(urn: string, props: object): Promise<string[]> {
  const found = await violations([tenantEnvNamesNoAdmin], { urn, props: props as never });
  return found.map((violation) => violation.slice(violation.indexOf("\n") + 1));
}
