import type { Client } from "pg";
import { withAdminConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import { COMMENT_LENGTH } from "../../database/foreign-objects";
import { fencedRoles } from "../../database/offboarding/fence";
import { initialisedWith } from "../../database/schema-marker";
import { loginNames, roleName, schemaName, scratchName } from "../../domain/names";
import { ROLE_TYPE, SCHEMA_TYPE } from "../../domain/resource-types";
import type { SettingsSpec } from "../../domain/settings-spec";
import type { TenantSpec } from "../../domain/tenant-spec";
import { adminTarget } from "../stack/admin-target";
import type { ExportedOperation, ExportedResource, StackAccess, StackExport } from "../stack/stack-access";
import { findInAws } from "./aws-leftovers";
import { tenantOf } from "./resource-names";

/** What is in the database and in AWS, and what the files declare: all that a plan is made from. */
export interface World {
  /** Name of the tenants' database. */
  readonly database: SettingsSpec["database"]["name"];
  readonly declared: readonly TenantSpec[];
  readonly resources: readonly ExportedResource[];
  /** By name; a name that is not in it does not exist. */
  readonly roles: ReadonlyMap<string, FoundRole>;
  readonly schemas: ReadonlyMap<string, FoundSchema>;
  /** Ids of what interrupted creations may have left, by URN. */
  readonly inAws: ReadonlyMap<string, readonly string[]>;
  /** Since when a role has been fenced, by its name. */
  readonly fenced: ReadonlyMap<string, string>;
  readonly scratchDatabases: readonly FoundScratchDatabase[];
}

export interface FoundRole {
  /** Whether it owns anything in any database of the server. */
  readonly owns: boolean;
  readonly limits: RoleLimits;
}

/** The limits that this program gives a role, and that a role made by hand hardly has. Timeouts in milliseconds. */
export interface RoleLimits {
  readonly connectionLimit: number;
  readonly statementTimeout: number;
  readonly idleInTransactionTimeout: number;
}

export interface FoundSchema {
  readonly owner: string;
  /** Number of objects in it. */
  readonly objects: number;
  /** Whether this program has created its tables. */
  readonly initialised: boolean;
}

/** A scratch database, or its role, that an interrupted verification of a backup has left. */
export interface FoundScratchDatabase {
  readonly slug: string;
  /** Whether a session is connected to it. */
  readonly inUse: boolean;
}

export function sameLimits(found: RoleLimits, wanted: RoleLimits): boolean {
  return (
    found.connectionLimit === wanted.connectionLimit &&
    found.statementTimeout === wanted.statementTimeout &&
    found.idleInTransactionTimeout === wanted.idleInTransactionTimeout
  );
}

/** Whether the state has a resource of that type and id that is not to be deleted. */
export function isKnown({ resources }: World, type: string, id: string): boolean {
  return resources.some((resource) => resource.type === type && resource.id === id && !resource.delete);
}

export function isDeclared({ declared }: World, tenant: string | undefined): boolean {
  return declared.some(({ slug }) => slug === tenant);
}

/** Finds everything that an interrupted run of this stack can have left. Changes nothing. */
export async function look(access: StackAccess, { deployment }: StackExport): Promise<World> {
  const { resources = [], pending_operations: interrupted = [] } = deployment;
  const names = namesOf(access, [...resources, ...interrupted.map(({ resource }) => resource)]);
  const [database, inAws] = await Promise.all([
    withAdminConnection(adminTarget(access), async (admin) => ({
      roles: await foundRoles(admin, names.roles),
      schemas: await foundSchemas(admin, names.schemas),
      fenced: await fencedRoles(admin),
      scratchDatabases: await foundScratchDatabases(admin, names.slugs),
    })),
    leftInAws(access, interrupted),
  ]);
  return { database: access.settings.database.name, declared: access.declared, resources, inAws, ...database };
}

/** The names of this stack's tenants only: those of other stacks are a matter of who deploys these. */
function namesOf({ declared }: StackAccess, resources: readonly ExportedResource[]) {
  const slugs = new Set(declared.map(({ slug }) => slug));
  for (const { urn } of resources) {
    const slug = tenantOf(urn);
    if (slug !== undefined) slugs.add(slug);
  }
  const named = (type: string) =>
    resources.filter((resource) => resource.type === type).map(({ inputs }) => inputs?.name);
  return {
    slugs: [...slugs],
    roles: [...[...slugs].flatMap((slug) => loginNames(roleName(slug))), ...named(ROLE_TYPE)],
    schemas: [...[...slugs].map(schemaName), ...named(SCHEMA_TYPE)],
  };
}

async function foundRoles(admin: Client, names: readonly unknown[]): Promise<ReadonlyMap<string, FoundRole>> {
  const { rows } = await admin.query<{ name: string; limit: number; settings: string[]; owns: boolean }>(
    `select rolname as name, rolconnlimit as limit, coalesce(rolconfig, '{}') as settings,
            exists (select from pg_shdepend
                     where refclassid = 'pg_authid'::regclass and refobjid = role.oid and deptype = 'o') as owns
       from pg_roles as role where rolname = any($1)`,
    [names],
  );
  return new Map(
    rows.map(({ name, limit, settings, owns }) => {
      const timeout = (setting: string) => millisecondsOf(settings, setting);
      const limits = {
        connectionLimit: limit,
        statementTimeout: timeout("statement_timeout"),
        idleInTransactionTimeout: timeout("idle_in_transaction_session_timeout"),
      };
      return [name, { owns, limits }];
    }),
  );
}

/** Not a number for a setting with a unit: this program writes none. */
function millisecondsOf(settings: readonly string[], name: string): number {
  const setting = settings.find((text) => text.startsWith(`${name}=`));
  return setting === undefined ? 0 : Number(setting.slice(name.length + 1));
}

async function foundSchemas(admin: Client, names: readonly unknown[]): Promise<ReadonlyMap<string, FoundSchema>> {
  // An object of a schema has a normal dependency on it; what belongs to another object has none.
  const { rows } = await admin.query<{ name: string; owner: string; comment: string | null; objects: number }>(
    `select nspname as name, pg_get_userbyid(nspowner) as owner, left(obj_description(oid, 'pg_namespace'), $2) as comment,
            (select count(*)::integer from pg_depend
              where refclassid = 'pg_namespace'::regclass and refobjid = schema.oid and deptype = 'n') as objects
       from pg_namespace as schema where nspname = any($1)`,
    [names, COMMENT_LENGTH],
  );
  return new Map(
    rows.map(({ name, owner, comment, objects }) => [
      name,
      { owner, objects, initialised: initialisedWith(comment) !== undefined },
    ]),
  );
}

async function foundScratchDatabases(
  admin: Client,
  slugs: readonly string[],
): Promise<readonly FoundScratchDatabase[]> {
  const { rows } = await admin.query<FoundScratchDatabase>(
    `select slug, exists (select from pg_stat_activity where datname = name) as "inUse"
       from unnest($1::text[], $2::text[]) as scratch (slug, name)
      where exists (select from pg_database where datname = name) or exists (select from pg_roles where rolname = name)
      order by 1`,
    [slugs, slugs.map(scratchName)],
  );
  return rows;
}

async function leftInAws(
  access: StackAccess,
  interrupted: readonly ExportedOperation[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const find = findInAws(access.aws);
  const created = interrupted.filter(({ type, resource }) => type === "creating" && resource.type.startsWith("aws:"));
  const entries = created.map(async ({ resource }) => {
    const ids = await find(resource.type, resource.inputs ?? {}).catch((error: unknown) => {
      const { region, endpoint = "" } = access.aws;
      throw new Error(
        `AWS does not answer for region ${region}${endpoint && ` at ${endpoint}`}: ${errorMessage(error)}; ` +
          "check this machine's credentials and its network path to AWS",
      );
    });
    return [resource.urn, ids] as const;
  });
  return new Map(await Promise.all(entries));
}
