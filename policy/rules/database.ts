import { type Check, type CheckedResource, resourcePolicy } from "../define-policy";
import { forMessage } from "../reading/message";
import {
  DATABASE_PROVIDER,
  DEFAULT_PRIVILEGES,
  DROP_GUARD,
  GATE,
  GRANT,
  LOGIN_HANDOVER,
  MIGRATIONS,
  SCHEMA,
  SCHEMA_GUARD,
  SQL_SCRIPT,
} from "../reading/resource-types";
import { DEFAULT_PORT, databaseSetting } from "../reading/stack-settings";

/** The program's dynamic resources, all of which log in. */
const DYNAMIC = [SCHEMA_GUARD, DROP_GUARD, SQL_SCRIPT, MIGRATIONS, LOGIN_HANDOVER, GATE];

/** A check that a property says what the setting `b2b-tenants:database` says. Without the setting nothing can be said of it. */
function asSet(property: string, key: string, byDefault?: number): Check<CheckedResource> {
  return ({ props }) => {
    const [found, set] = [props[property], databaseSetting()[key] ?? byDefault];
    if (set === undefined) {
      return [
        `Its ${property} cannot be checked: this policy pack was not given the setting b2b-tenants:database.${key}. Pulumi hands the settings of Pulumi.STACK.yaml over in PULUMI_CONFIG: run the pack with a stack that has it.`,
      ];
    }
    // The provider has its numbers as texts.
    return String(found) === String(set)
      ? []
      : [`Its ${property} is ${forMessage(found)}. The stack's database has ${forMessage(set)}: use that setting.`];
  };
}

const database = asSet("database", "name");
const server = [asSet("host", "host"), asSet("port", "port", DEFAULT_PORT), database];

/** A gate that looks at a copy elsewhere backs up the copy, and lets the real one go. */
export const allIsInTheStacksDatabase = resourcePolicy(
  "all-is-in-the-stacks-database",
  "Whatever is done in a database is done in the one of the stack's settings.",
  {
    [SCHEMA]: database,
    [GRANT]: database,
    [DEFAULT_PRIVILEGES]: database,
    ...Object.fromEntries(DYNAMIC.map((type) => [type, server])),
  },
  { [DATABASE_PROVIDER]: [...server, asSet("username", "adminUser")], [GRANT]: database },
);

/** `allow` and `prefer` do without if the server, or whoever answers in its place, says so. */
const ENCRYPTED = ["require", "verify-ca", "verify-full"];

const isEncrypted: Check<CheckedResource> = ({ props: { host, sslmode } }) =>
  ENCRYPTED.includes(sslmode) || isThisMachine(host)
    ? []
    : [
        `It logs in to ${forMessage(host)} with sslmode ${forMessage(sslmode)}: a password could be read on the way. Use one of ${ENCRYPTED.join(", ")}.`,
      ];

/** For example a rehearsal's server, or the end of a tunnel. */
function isThisMachine(host: unknown): boolean {
  return /^(localhost|127(\.[0-9]{1,3}){3}|::1|\/.*)$/.test(String(host));
}

export const loginsAreEncrypted = resourcePolicy(
  "logins-are-encrypted",
  "Nobody logs in to the database over a network in clear.",
  Object.fromEntries(DYNAMIC.map((type) => [type, isEncrypted])),
  { [DATABASE_PROVIDER]: isEncrypted },
);
