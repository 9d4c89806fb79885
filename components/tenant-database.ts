import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { adminLogin, connectionString, databaseAddress } from "../domain/connection-string";
import { roleName, schemaName } from "../domain/names";
import type { DatabaseSettings } from "../domain/settings-spec";
import { neverSkipped, unlessFailed } from "./after-failure";
import { DropGuard } from "./dynamic/drop-guard";
import type { Migrations } from "./dynamic/migrations";
import { SchemaGuard } from "./dynamic/schema-guard";
import { SqlScript } from "./dynamic/sql-script";
import { createLogins, type TenantLogins } from "./tenant-logins";
import { type MigrationPlan, migrateTables } from "./tenant-migrations";

export interface TenantDatabaseArgs {
  /** The tenant's short name. Caution: it names role and schema; another slug is another tenant, and this one's data go. */
  readonly slug: string;
  /** The shared database. Caution: another database is a new, empty schema there, and the old one is dropped. */
  readonly server: DatabaseSettings;
  /** Password of `server.adminUser`. */
  readonly adminPassword: pulumi.Input<string>;
  /** Most sessions that the tenant may hold at once. */
  readonly connectionLimit: number;
  /** Connections of the server that no tenant may take. */
  readonly reserve: number;
  /** Whether a pooler holds to the connection limit, whichever of the tenant's logins it uses. */
  readonly pooled: boolean;
  /** Milliseconds that one statement may take; 0 for no limit. */
  readonly statementTimeout: number;
  /** Milliseconds that a transaction may sit idle; 0 for no limit. */
  readonly idleInTransactionTimeout: number;
  /** The next number gives the login that is not in use another password, and makes it the one in use. */
  readonly passwordRotation: number;
  /** The SQL file with the tenant's tables, relative to the project folder. */
  readonly initScript: string;
  /** Take over the role and schema of these names instead of making them. */
  readonly adopt: boolean;
  /** What the tenant's tables are changed by. */
  readonly migrations: MigrationPlan;
  /** Milliseconds that a statement of a migration may wait for a lock. */
  readonly lockTimeout: number;
  /** Whether the others' migrations wait for this tenant's. */
  readonly canary: boolean;
}

type Args = TenantDatabaseArgs;

/**
 * What a tenant may do with a table that the admin makes in its schema. Neither TRIGGER nor REFERENCES: a trigger, or a cast that a
 * foreign key has to call, is code of the tenant's that would run with the admin's rights. MAINTAIN is unknown before PostgreSQL 17.
 */
const TABLE_PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"];
const SEQUENCE_PRIVILEGES = ["SELECT", "UPDATE", "USAGE"];

/**
 * A tenant's logins and its schema with the tables in it, in the shared database.
 *
 * `dependsOn` among the options is handed on to the first thing that touches the database: the SDK does not make a component's
 * children wait for what the component waits for.
 */
export class TenantDatabase extends pulumi.ComponentResource {
  /** The tenant's login, a secret. Known once the tables are there, so whoever uses it waits for them. */
  readonly connectionString: pulumi.Output<string>;
  /** Name of the schema, from the schema itself: what is made from it is deleted before the schema, also where the schema is replaced. */
  readonly schema: pulumi.Output<string>;
  /** Made when everything else of the database is there. */
  readonly migrations: Migrations;

  constructor(name: string, args: TenantDatabaseArgs, opts: pulumi.ComponentResourceOptions) {
    super("b2b:index:Database", name, {}, neverSkipped(opts));

    const guard = guardTenant(this, args, opts.dependsOn);
    const logins = createLogins(this, args, guard);
    const { role, user, password } = logins;
    const connect = grantConnect(this, args, logins);
    const schema = createSchema(this, args, role, connect);
    const grants = grantSchema(this, args, schema, guardDrop(this, args, schema, logins.needed));
    const init = initialise(this, args, logins, schema, grants);

    this.migrations = migrateTables(this, { ...args, user, password, schema, init });
    this.schema = schema.name;
    const known = pulumi.all([password, this.migrations.id]);
    this.connectionString = pulumi.secret(
      unlessFailed(known, ["", ""]).apply(([word]) =>
        connectionString({ ...databaseAddress(args.server), user, password: word }),
      ),
    );
    this.registerOutputs({});
  }
}

/** What everything that is made in the database waits for, so that a refusal comes before any change. */
function guardTenant(
  parent: TenantDatabase,
  { slug, server, adminPassword, adopt, reserve, pooled, passwordRotation: rotation }: Args,
  dependsOn: pulumi.ComponentResourceOptions["dependsOn"],
) {
  const names = { tenant: slug, role: roleName(slug), schema: schemaName(slug) };
  return new SchemaGuard(
    `${slug}-schema-guard`,
    { ...names, ...adminLogin(server, adminPassword), adopt, rotation, reserve, pooled },
    { parent, ...(dependsOn ? { dependsOn } : {}) },
  );
}

function grantConnect(parent: TenantDatabase, { slug, server }: Args, { role, needed }: TenantLogins) {
  // Without CONNECT of its own a tenant has none: SharedDatabase takes PUBLIC's away. It is revoked before the role is
  // dropped (no `deletedWith`): PostgreSQL drops no role that has a privilege left. And before the second login is, which acts as that role:
  // at the same time, the one may wait for the other, and PostgreSQL ends such a deadlock by failing one of them.
  return new postgresql.Grant(
    `${slug}-connect`,
    { database: server.name, role: role.name, objectType: "database", privileges: ["CONNECT"] },
    { parent, dependsOn: [...needed] },
  );
}

function createSchema(parent: TenantDatabase, args: Args, role: postgresql.Role, connect: postgresql.Grant) {
  const { slug, server, adopt } = args;
  const name = schemaName(slug);
  return new postgresql.Schema(
    `${slug}-schema`,
    // An offboarding drops the schema with the tenant's tables in it. And so would `pulumi up --replace`, past the gate, since the
    // provider takes the old schema for the new one before it drops it: deleted first, it has the gate deleted before it.
    { name, database: server.name, owner: role.name, dropCascade: true },
    { parent, deleteBeforeReplace: true, dependsOn: [connect], ...(adopt ? { import: `${server.name}.${name}` } : {}) },
  );
}

/** Made before anything else that depends on the schema. */
function guardDrop(
  parent: TenantDatabase,
  { slug, server, adminPassword }: Args,
  schema: postgresql.Schema,
  logins: readonly postgresql.Role[],
) {
  const names = { tenant: slug, role: roleName(slug), schema: schema.name };
  return new DropGuard(
    `${slug}-drop-guard`,
    { ...names, ...adminLogin(server, adminPassword) },
    // Logins are dropped after it: it takes away the rights that others have given them, which would keep them.
    { parent, dependsOn: [schema, ...logins] },
  );
}

/**
 * The tenant's rights in its schema, also on what the admin may make there one day. They go with the schema: revoking an
 * owner's own grant would lock it out of its schema before the schema is gone. Each waits for the one before it, because
 * changes to the same schema and role can collide in the server's catalog.
 */
function grantSchema(parent: TenantDatabase, { slug, server }: Args, schema: postgresql.Schema, guard: DropGuard) {
  const place = { database: server.name, role: roleName(slug), schema: schema.name };
  const usage = new postgresql.Grant(
    `${slug}-schema-grant`,
    { ...place, objectType: "schema", privileges: ["CREATE", "USAGE"] },
    { parent, deletedWith: schema, dependsOn: [guard] },
  );
  const tables = new postgresql.DefaultPrivileges(
    `${slug}-tables`,
    { ...place, owner: server.adminUser, objectType: "table", privileges: TABLE_PRIVILEGES },
    { parent, deletedWith: schema, dependsOn: [usage] },
  );
  return new postgresql.DefaultPrivileges(
    `${slug}-sequences`,
    { ...place, owner: server.adminUser, objectType: "sequence", privileges: SEQUENCE_PRIVILEGES },
    { parent, deletedWith: schema, dependsOn: [tables] },
  );
}

function initialise(
  parent: TenantDatabase,
  { slug, server, initScript, adopt, migrations }: Args,
  { user, password }: TenantLogins,
  schema: postgresql.Schema,
  grants: pulumi.Resource,
) {
  const access = { tenant: slug, schema: schemaName(slug), ...databaseAddress(server), user, password };
  return new SqlScript(
    `${slug}-init`,
    { ...access, file: initScript, adopt, migrated: Object.keys(migrations.files).length > 0 },
    { parent, dependsOn: [grants], deletedWith: schema },
  );
}
