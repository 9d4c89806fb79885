import type { Client } from "pg";
import type { Ground } from "../leak";

/** What each reading of the catalogs works with. */
export interface Scene {
  readonly ground: Ground;
  /** A query that begins with `with ${WHO}`; `more` are its parameters from `$5` on. */
  rows<Row extends object>(sql: string, more?: readonly unknown[]): Promise<Row[]>;
}

/** SQL of a pattern: the names of those of RDS's own roles that reach everything anyway. */
export const RDS_OWN = "'^rds(_superuser|admin|repladmin|topmgr|writeforwarduser)$'";

/**
 * SQL of the roles that count. `tenant` has a row for each tenant, with null for what there is not. `trusted` are those that no wall
 * is to keep out: superusers, the admin, whoever owns the database, and those of RDS's own roles that
 * reach everything anyway; anybody may be a member of `rds_iam` and the like.
 */
export const WHO = `
  tenant as materialized (
    select t.slug, t.role as name, r.oid as role, t.schema as place, n.oid as schema, n.nspowner as owner
      from unnest($1::text[], $2::text[], $3::text[]) as t (slug, schema, role)
      left join pg_namespace n on n.nspname = t.schema
      left join pg_roles r on r.rolname = t.role),
  trusted as materialized (
    select oid from pg_roles
     where (rolsuper or rolname in ($4::text, 'pg_database_owner') or rolname ~ ${RDS_OWN})
       and not exists (select from tenant where tenant.role = pg_roles.oid))`;

export function sceneOf(client: Client, ground: Ground): Scene {
  const { tenants, adminUser } = ground;
  const who = [
    tenants.map(({ slug }) => slug),
    tenants.map(({ schema }) => schema),
    tenants.map(({ role }) => role),
    adminUser,
  ];
  return {
    ground,
    rows: async <Row extends object>(sql: string, more: readonly unknown[] = []) =>
      (await client.query<Row>(sql, [...who, ...more])).rows,
  };
}
