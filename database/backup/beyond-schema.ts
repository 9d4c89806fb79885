/** Refuses what a backup of a schema would miss, for example what its tenant owns outside of it. */
import { join } from "node:path";
import type { Client } from "pg";
import { loginNames } from "../../domain/names";
import { finding } from "../finding";
import type { Identified } from "../object-identity";
import { SqlFile } from "../sql-file";

/** An object outside a schema that uses what is in it. */
export interface Dependent extends Identified {
  /** In the server's words. */
  readonly description: string;
  /** null for the server's first superuser. */
  readonly owner: string | null;
  /** Whether an extension brought it along. */
  readonly ofExtension: boolean;
}

const DEPENDENTS = new SqlFile<Dependent, "schema">(join(__dirname, "dependents-outside.sql"));

const FORCED_POLICIES = `
  select pg_describe_object('pg_class'::regclass, oid, 0) as object from pg_class
   where relnamespace = $1 and relrowsecurity and relforcerowsecurity order by 1`;

const PREPARED =
  "select gid as object from pg_prepared_xacts where owner = any ($1) and database = current_database() order by 1";

/** What the admin cannot read, since it has of the owner's rights those that the owner has. */
const TAKEN_FROM_ITSELF = `
  select format('grant usage on schema %I to %I', nspname, $2::text) as object from pg_namespace
   where oid = $1 and not has_schema_privilege($2, oid, 'usage') and not has_schema_privilege(oid, 'usage')
  union all
  select format('grant select on %s %I.%I to %I', case relkind when 'S' then 'sequence' else 'table' end, nspname, relname, $2::text)
    from pg_class c join pg_namespace n on n.oid = relnamespace
   where relnamespace = $1 and relkind in ('r', 'p', 'S') and relpersistence <> 't' and pg_get_userbyid(relowner) = $2
     and not has_table_privilege($2, c.oid, 'select') and not has_table_privilege(c.oid, 'select')
   order by 1`;

const MEMBERS = `
  select distinct pg_get_userbyid(member) as object from pg_auth_members
   where pg_get_userbyid(roleid) = any ($1) and pg_get_userbyid(member) <> all ($1 || current_user) order by 1`;

/**
 * What a removal would lose because a backup of the schema does not hold it, or would keep a backup from being complete: objects
 * elsewhere that depend on the schema and would be dropped along with it, tables that hide rows from their own owner, transactions
 * that are prepared and not committed. Each with what to do about it.
 */
export async function whatABackupMisses(admin: Client, schema: string, role: string): Promise<string[]> {
  const oid = await oidOf(admin, schema);
  const objects = async (sql: string, values: readonly unknown[]) =>
    (await admin.query<{ object: string }>(sql, [...values])).rows.map(({ object }) => object);
  return [
    finding(
      (await dependentsOutside(admin, schema)).map(({ description }) => description),
      `outside ${schema} would be dropped along with it, and no backup holds`,
      "drop it, or remove its dependency",
    ),
    finding(
      await objects(MEMBERS, [loginNames(role)]),
      `may write as ${role}, although it is fenced:`,
      `revoke ${role} from them`,
    ),
    finding(
      await objects(TAKEN_FROM_ITSELF, [oid, role]),
      `${role} has taken rights from itself that its backup needs, and that are given back by`,
      "as that role",
    ),
    finding(
      await objects(FORCED_POLICIES, [oid]),
      "row security is forced on its own owner, which hides rows from a backup, for",
      "alter table … no force row level security",
    ),
    finding(
      await objects(PREPARED, [loginNames(role)]),
      "transactions are prepared and not committed:",
      "commit prepared or rollback prepared",
    ),
  ].filter((text) => text !== undefined);
}

/** Objects outside a schema that are dropped along with what is in it. */
export function dependentsOutside(client: Client, schema: string): Promise<Dependent[]> {
  return DEPENDENTS.rows(client, { schema });
}

async function oidOf(client: Client, schema: string): Promise<string | undefined> {
  const { rows } = await client.query<{ oid: string }>("select oid from pg_namespace where nspname = $1", [schema]);
  return rows[0]?.oid;
}
