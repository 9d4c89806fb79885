import type { Props } from "../../rehearsal/protocol/property-values";
import type { Answer } from "./plugin-client";

/** A call that a stand-in answers otherwise than the real plugin would, on purpose. No recording holds one. */
export interface Difference {
  readonly what: string;
  readonly why: string;
  readonly plugin: "postgresql" | "random";
  readonly method: string;
  readonly request: Props;
  readonly answer: Answer;
}

const GRANT = identity("postgresql:index/grant:Grant");
const ROLE = identity("postgresql:index/role:Role");
const PASSWORD = identity("random:index/randomPassword:RandomPassword");
const PROVIDER = identity("pulumi:providers:postgresql");

/**
 * Where the stand-ins differ: they support what the program uses, and refuse the rest by name, so that a rehearsal never
 * passes on something that only looks as if it had been done.
 */
export const DIFFERENCES: readonly Difference[] = [
  {
    what: "a grant on another kind of object than a database or schema is refused",
    why: "the program makes none",
    plugin: "postgresql",
    method: "Check",
    request: {
      ...GRANT,
      olds: {},
      news: { database: "d", role: "r", schema: "s", objectType: "table", privileges: [] },
    },
    answer: {
      response: {
        inputs: { database: "d", role: "r", schema: "s", objectType: "table", privileges: [], __defaults: [] },
        failures: [{ property: "objectType", reason: 'must be one of database, schema, got "table"' }],
      },
    },
  },
  {
    what: "a role without a name is refused, not given a random one",
    why: "the names are the guide's",
    plugin: "postgresql",
    method: "Check",
    request: {
      ...ROLE,
      olds: {},
      news: { encryptedPassword: true, inherit: true, validUntil: "infinity", connectionLimit: 1 },
    },
    answer: {
      response: {
        inputs: { encryptedPassword: true, inherit: true, validUntil: "infinity", connectionLimit: 1, __defaults: [] },
        failures: [{ property: "name", reason: "is required, but no definition was found" }],
      },
    },
  },
  {
    what: "a provider argument that the program does not use is refused",
    why: "it would be ignored",
    plugin: "postgresql",
    method: "CheckConfig",
    request: { ...PROVIDER, olds: {}, news: { awsRdsIamAuth: "true" } },
    answer: {
      response: {
        inputs: { awsRdsIamAuth: "true" },
        failures: [
          {
            property: "awsRdsIamAuth",
            reason:
              "the rehearsal's postgresql stand-in does not support the argument 'awsRdsIamAuth'; it supports connectTimeout, " +
              "database, host, maxConnections, password, port, sslmode, superuser, username, version",
          },
        ],
      },
    },
  },
  {
    what: "a password cannot be imported",
    why: "the program imports roles and schemas only",
    plugin: "random",
    method: "Read",
    request: { ...PASSWORD, id: "secret" },
    answer: {
      errors: [
        "rpc error: code = Unknown desc = the rehearsal's random stand-in does not support importing " +
          "random:index/randomPassword:RandomPassword",
      ],
    },
  },
];

function identity(type: string): Props {
  return { urn: `urn:pulumi:prod::b2b-tenants::${type}::it`, name: "it", type };
}
