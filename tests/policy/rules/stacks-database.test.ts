import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allIsInTheStacksDatabase } from "../../../policy/rules/database";
import { messages, UNKNOWN } from "../analysis";
import { withSettings } from "../stack-settings";
import { inTenant, outside } from "../urns";

const GATE = inTenant("pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate", "acme-gate");
const SCRIPT = inTenant("pulumi-nodejs:dynamic/b2b-tenants:SqlScript", "acme-init");
const GRANT = inTenant("postgresql:index/grant:Grant", "acme-connect");
const DEFAULTS = inTenant("postgresql:index/defaultPrivileges:DefaultPrivileges", "acme-tables");
const SCHEMA = inTenant("postgresql:index/schema:Schema", "acme-schema");
const SHARED_GRANT = outside("postgresql:index/grant:Grant", "shared-database-public-connect");
const PROVIDER = outside("pulumi:providers:postgresql", "database-admin");

const RIGHT = { host: "db.example.com", port: 5433, database: "b2b" };
const LOGIN = { host: "db.example.com", port: "5433", database: "b2b", username: "root" };

describe("policy all-is-in-the-stacks-database", () => {
  const settings = withSettings();

  const setting = (database: object) =>
    settings({ PULUMI_CONFIG: JSON.stringify({ "b2b-tenants:database": JSON.stringify(database) }) });

  it("passes what is done in the stack's database", async () => {
    setting({ host: "db.example.com", port: 5433, name: "b2b", adminUser: "root" });
    for (const urn of [GATE, SCRIPT]) assert.deepEqual(await violationsOf(urn, RIGHT), []);
    for (const urn of [GRANT, SHARED_GRANT, DEFAULTS, SCHEMA])
      assert.deepEqual(await violationsOf(urn, { database: "b2b" }), []);
    assert.deepEqual(await violationsOf(PROVIDER, LOGIN), []);
    setting({ host: "db.example.com", name: "b2b" });
    assert.deepEqual(await violationsOf(GATE, { ...RIGHT, port: 5432 }), []);
  });

  it("stops what is done elsewhere: host, port, database and login each", async () => {
    setting({ host: "db.example.com", port: 5433, name: "b2b", adminUser: "root" });
    for (const [urn, props] of [
      [GATE, { ...RIGHT, host: "staging.example.com" }],
      [GATE, { ...RIGHT, port: 5432 }],
      [SCRIPT, { ...RIGHT, database: "postgres" }],
      [SCRIPT, { host: RIGHT.host, port: RIGHT.port }],
      [GRANT, { database: "template1" }],
      [DEFAULTS, { database: "template1" }],
      [SCHEMA, { name: "schema_acme" }],
      [SHARED_GRANT, { database: "template1" }],
      [PROVIDER, { ...LOGIN, username: "postgres" }],
      [PROVIDER, { ...LOGIN, host: "staging.example.com" }],
    ] as const) {
      const found = await violationsOf(urn, props);
      assert.equal(found.length, 1, `${urn} ${JSON.stringify(props)}`);
      assert.match(found[0] ?? "", /^Its (host|port|database|username) is .*\. The stack's database has ".*|5433: use/);
    }
    assert.equal((await violationsOf(GATE, { host: UNKNOWN, port: 1, database: "x" })).length, 2);
  });

  it("says what is missing where the settings are not at hand, and passes nothing", async () => {
    for (const text of [undefined, "no JSON", "[]", "{}", '{"b2b-tenants:database": "no JSON"}']) {
      settings({ PULUMI_CONFIG: text });
      const found = await violationsOf(PROVIDER, { ...LOGIN, port: "5432" });
      assert.deepEqual(
        found.map((message) => /^Its .* not given the setting \S+\. /.exec(message)?.[0]),
        ["host", "database", "username"].map((property, index) => {
          const key = ["host", "name", "adminUser"][index];
          return `Its ${property} cannot be checked: this policy pack was not given the setting b2b-tenants:database.${key}. `;
        }),
      );
      assert.equal((await violationsOf(GRANT, { database: "b2b" })).length, 1);
    }
  });

  function violationsOf(urn: string, props: object): Promise<string[]> {
    return messages(allIsInTheStacksDatabase, urn, props);
  }
});
