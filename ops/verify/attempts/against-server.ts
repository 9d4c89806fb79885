import { quoteIdentifier } from "../../../database/sql-text";
import type { Check, DatabaseTenant, Ground } from "../leak";
import { type Attempt, againstRole, becoming } from "./against-tenant";
import type { Targets } from "./targets";

/** Tables of the server with what nobody but a superuser may read: reading them runs no code but the server's. */
const CLOSED_TABLES = [
  "pg_authid",
  "pg_shadow",
  "pg_user_mapping",
  "pg_statistic",
  "pg_largeobject",
  "pg_hba_file_rules",
  "pg_file_settings",
];

/** Settings that lift what the server checks. */
const CLOSED_SETTINGS = [
  ["session_replication_role", "replica"],
  ["lo_compat_privileges", "on"],
  ["zero_damaged_pages", "on"],
] as const;

/** What an attacker would do to the admin, to the server, and to what belongs to all. */
export function againstServer(me: DatabaseTenant, ground: Ground, targets: Targets): Attempt[] {
  const { adminUser } = ground;
  const db = quoteIdentifier(ground.database);
  const database = `database ${db}`;
  return [
    ...againstRole(adminUser, undefined),
    ...serverRoles(ground, targets).flatMap((role) => becoming(role, undefined)),
    ...attempts("schema", "schema public", "schema public", [
      "create table public.intruder ()",
      "create function public.intruder() returns int language sql as 'select 1'",
      "create type public.intruder as enum ()",
    ]).map((attempt) => ({ ...attempt, schema: "public" })),
    ...attempts("database", "database create", database, [
      "create schema intruder",
      "create publication intruder",
      ...(targets.extension === undefined ? [] : [`create extension ${quoteIdentifier(targets.extension)}`]),
    ]),
    ...attempts("database", "database temporary", database, ["create temporary table intruder ()"]),
    ...attempts("database", `role ${adminUser}`, database, [
      `alter database ${db} set search_path = intruder`,
      `alter database ${db} connection limit 0`,
      `alter database ${db} owner to current_user`,
      `comment on database ${db} is 'intruder'`,
    ]),
    ...attempts("role attribute", "createrole", "role current_user", [
      "create role intruder",
      "alter role current_user connection limit -1",
      "alter role current_user createrole",
      "alter role current_user createdb",
      "alter role current_user bypassrls",
      "alter role current_user replication",
      "alter role current_user superuser",
    ]),
    ...attempts("server file", "role pg_read_server_files", "the server's files", [
      "copy pg_catalog.pg_am from '/etc/hostname'",
    ]),
    ...attempts("server file", "role pg_write_server_files", "the server's files", ["copy (select 1) to '/dev/null'"]),
    ...attempts("server file", "role pg_execute_server_program", "the server's programs", [
      "copy (select 1) to program 'true'",
    ]),
    ...[
      "pg_read_file('PG_VERSION')",
      "pg_read_binary_file('PG_VERSION')",
      "pg_stat_file('PG_VERSION')",
      "pg_ls_dir('.')",
      "lo_import('/etc/hostname')",
    ].flatMap((call) => {
      const name = call.replace(/\(.*/, "");
      return attempts("server file", `function ${name}`, `function pg_catalog.${name}`, [`select pg_catalog.${call}`]);
    }),
    ...attempts("system object", "superuser", "the server's libraries", [
      "load 'intruder'",
      "create foreign data wrapper intruder",
      "create language intruder handler pg_catalog.plpgsql_call_handler",
      "create event trigger intruder on ddl_command_end execute function pg_catalog.pg_sleep()",
    ]),
    // In its own schema, where it may make functions: the language is what refuses. The server's code it names does no harm.
    ...attempts("system object", "language internal", "language internal", [
      `create function ${quoteIdentifier(me.schema)}.intruder() returns integer language internal as 'pg_backend_pid'`,
    ]),
    ...CLOSED_TABLES.flatMap((table) =>
      attempts("system object", `table ${table}`, `table pg_catalog.${table}`, [
        `select * from pg_catalog.${table} limit 1`,
      ]),
    ),
    ...CLOSED_SETTINGS.flatMap(([setting, value]) =>
      attempts("parameter", `parameter ${setting}`, `parameter ${setting}`, [`set local ${setting} = ${value}`]),
    ),
  ];
}

/** Large objects belong to no schema; each has an owner. Opening one to read it is refused, or does nothing. */
export function againstLargeObjects(me: DatabaseTenant, { tenants }: Ground, { largeObjects }: Targets): Attempt[] {
  return largeObjects
    .filter(({ owner }) => owner !== me.role && owner !== tenants.find(({ slug }) => slug === me.slug)?.role)
    .flatMap(({ oid, owner }) =>
      attempts("large object", `large object ${oid}`, `large object ${oid}`, [
        `select pg_catalog.lo_open(${Number(oid)}, ${0x40000})`,
      ]).map((attempt) => ({ ...attempt, victim: tenants.find(({ role }) => role === owner)?.slug })),
    );
}

/** Neither the tenants' nor the admin's, but for the one that is always the database's owner and takes no members. */
function serverRoles({ tenants, adminUser }: Ground, { roles }: Targets): string[] {
  const logins = tenants.flatMap(({ role, secondLogin = role }) => [role, secondLogin]);
  const known = new Set([adminUser, "pg_database_owner", ...logins]);
  return [...roles.keys()].filter((role) => !known.has(role));
}

function attempts(check: Check, wall: string, object: string, statements: readonly string[]): Attempt[] {
  return statements.map((statement) => ({ check, walls: [wall], victim: undefined, object, statement }));
}
