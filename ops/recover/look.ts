import type { Client } from "pg";
import { withAdminConnection } from "../../database/connection";
import { fencedRoles } from "../../database/offboarding/fence";
import { initialisedWith } from "../../database/schema-marker";
import { roleName, schemaName } from "../../domain/names";
import { adminTarget } from "../stack/admin-target";
import type { ExportedOperation, ExportedResource, StackAccess, StackExport } from "../stack/stack-access";
import { findInAws } from "./aws-leftovers";
import { ROLE_TYPE, SCHEMA_TYPE, tenantOf } from "./resource-names";
import type { FoundRole, FoundSchema, FoundVerification, World } from "./world";

/** Characters of a comment that are looked at. The tenant may write any number. */
const COMMENT_LENGTH = 10_000;

/** Looks at everything that an interrupted run of this stack can have left. Changes nothing. */
export async function look(access: StackAccess, { deployment }: StackExport): Promise<World> {
  const { resources = [], pending_operations: interrupted = [] } = deployment;
  const names = namesOf(access, [...resources, ...interrupted.map(({ resource }) => resource)]);
  const [database, inAws] = await Promise.all([
    withAdminConnection(adminTarget(access), async (admin) => ({
      roles: await foundRoles(admin, names.roles),
      schemas: await foundSchemas(admin, names.schemas),
      fenced: await fencedRoles(admin),
      verifications: await foundVerifications(admin, names.slugs),
    })),
    leftInAws(access, interrupted),
  ]);
  return { database: access.settings.database.name, declared: access.declared, resources, inAws, ...database };
}

/** Of this stack's tenants only: others' are for those who deploy their stacks. */
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
    roles: [...[...slugs].map(roleName), ...named(ROLE_TYPE)],
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

/** A setting that was written with a unit is none of this program's: not a number. */
function millisecondsOf(settings: readonly string[], name: string): number {
  const setting = settings.find((text) => text.startsWith(`${name}=`));
  return setting === undefined ? 0 : Number(setting.slice(name.length + 1));
}

async function foundSchemas(admin: Client, names: readonly unknown[]): Promise<ReadonlyMap<string, FoundSchema>> {
  // What lives in a schema depends on it normally; what comes with another object depends on that one.
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

async function foundVerifications(admin: Client, slugs: readonly string[]): Promise<readonly FoundVerification[]> {
  const { rows } = await admin.query<FoundVerification>(
    `select substr(name, 8) as slug, exists (select from pg_stat_activity where datname = name) as "inUse"
       from (select datname as name from pg_database union select rolname from pg_roles) as names
      where name = any($1) order by 1`,
    [slugs.map((slug) => `verify_${slug}`)],
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
    const ids = await find(resource.type, resource.inputs ?? {}).catch((error: Error) => {
      const { region, endpoint = "" } = access.aws;
      throw new Error(
        `AWS does not answer for region ${region}${endpoint && ` at ${endpoint}`}: ${error.message || error.name}; ` +
          "check the credentials of this machine and its way to AWS",
      );
    });
    return [resource.urn, ids] as const;
  });
  return new Map(await Promise.all(entries));
}
