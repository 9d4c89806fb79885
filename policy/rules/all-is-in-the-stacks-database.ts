import { DEFAULT_PRIVILEGES, DEFAULT_PRIVILEGES_OF_OLD, GRANT, SCHEMA } from "../reading/postgresql-types";
import { shown } from "../reading/shown";
import { databaseSetting } from "../reading/stack-config";
import { type Check, resourcePolicy } from "../resource-policy";

const DEFAULT_PORT = 5432;

/** A property that says what the setting `b2b-tenants:database` says; where a setting is not at hand, anything goes. */
function says(property: string, setting: (database: Readonly<Record<string, unknown>>) => unknown): Check {
  return ({ props }) => {
    const found = props[property];
    const expected = setting(databaseSetting());
    // The provider has its numbers as texts.
    return expected === undefined || String(found) === String(expected)
      ? []
      : [`Its ${property} is ${shown(found)}. The stack's database has ${shown(expected)}: use that setting.`];
  };
}

const database = says("database", ({ name }) => name);
const host = says("host", (setting) => setting.host);
const port = says("port", (setting) => (setting.host === undefined ? undefined : (setting.port ?? DEFAULT_PORT)));
const username = says("username", ({ adminUser }) => adminUser);

/** A gate that looks at a copy elsewhere backs up the copy, and lets the real one go. */
export const allIsInTheStacksDatabase = resourcePolicy(
  "all-is-in-the-stacks-database",
  "Whatever is done in a database is done in the one of the stack's settings.",
  {
    "pulumi:providers:postgresql": [host, port, database, username],
    [SCHEMA]: database,
    [GRANT]: database,
    [DEFAULT_PRIVILEGES]: database,
    [DEFAULT_PRIVILEGES_OF_OLD]: database,
    "pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate": [host, port, database],
    "pulumi-nodejs:dynamic/b2b-tenants:DropGuard": [host, port, database],
    "pulumi-nodejs:dynamic/b2b-tenants:SchemaGuard": [host, port, database],
    "pulumi-nodejs:dynamic/b2b-tenants:SqlScript": [host, port, database],
  },
);
