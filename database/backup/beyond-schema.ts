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

interface ExtensionMember {
  /** In the server's words. */
  readonly description: string;
  readonly extension: string;
  /** Whether the extension is one of another schema. */
  readonly elsewhere: boolean;
}

const EXTENSION_MEMBERS = new SqlFile<ExtensionMember, "schema" | "logins">(join(__dirname, "extension-members.sql"));

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

/** What the admin can neither read nor lock, since it belongs to none that it becomes a member of. */
const OF_OTHERS = `
  select format('%s %I.%I of %s', case relkind when 'S' then 'sequence' else 'table' end, nspname, relname, pg_get_userbyid(relowner)) as object
    from pg_class c join pg_namespace n on n.oid = relnamespace
   where relnamespace = $1 and relkind in ('r', 'p', 'S') and relpersistence <> 't' and pg_get_userbyid(relowner) <> all ($2)
     and not pg_has_role(relowner, 'usage')
     and not case relkind when 'S' then has_sequence_privilege(c.oid, 'select')
                          else has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'update, delete, truncate') end
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
  const members = await extensionMembers(admin, schema, role);
  // Of a role that somebody has dropped nothing is left to ask.
  const isRole = (await admin.query("select from pg_roles where rolname = $1", [role])).rowCount === 1;
  const objects = async (sql: string, values: readonly unknown[]) =>
    (await admin.query<{ object: string }>(sql, [...values])).rows.map(({ object }) => object);
  return [
    ...(await takenFromOthers(admin, schema, members)),
    finding(
      members.filter(({ elsewhere }) => !elsewhere).map(memberName),
      "no backup holds the rows of what belongs to an extension:",
      "alter extension … drop table …, or empty it",
    ),
    finding(
      await objects(MEMBERS, [loginNames(role)]),
      `may write as ${role}, although it is fenced:`,
      `revoke ${role} from them`,
    ),
    finding(
      isRole ? await objects(OF_OTHERS, [oid, loginNames(role)]) : [],
      "a backup needs what belongs to others here:",
      `alter … owner to ${role}, or drop it`,
    ),
    finding(
      isRole ? await objects(TAKEN_FROM_ITSELF, [oid, role]) : [],
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

/**
 * What a removal would take from others, whether the tenant's own data are backed up or not: objects elsewhere that depend on what is in the
 * schema, and extensions of other schemas, with all who use them. Each with what to do about it.
 */
export async function whatOthersWouldLose(admin: Client, schema: string, role: string): Promise<string[]> {
  return takenFromOthers(admin, schema, await extensionMembers(admin, schema, role));
}

async function takenFromOthers(admin: Client, schema: string, members: readonly ExtensionMember[]): Promise<string[]> {
  return [
    finding(
      (await dependentsOutside(admin, schema)).map(({ description }) => description),
      `outside ${schema} would be dropped along with it, and no backup holds`,
      "drop it, or remove its dependency",
    ),
    finding(
      members.filter(({ elsewhere }) => elsewhere).map(memberName),
      `an extension that is not of ${schema} would be dropped along with what it has there:`,
      "alter extension … drop …, which takes it out of the extension",
    ),
  ].filter((text) => text !== undefined);
}

function extensionMembers(admin: Client, schema: string, role: string): Promise<ExtensionMember[]> {
  return EXTENSION_MEMBERS.rows(admin, { schema, logins: loginNames(role) });
}

function memberName({ description, extension }: ExtensionMember): string {
  return `${description} of extension ${extension}`;
}

/** Objects outside a schema that are dropped along with what is in it. */
export function dependentsOutside(client: Client, schema: string): Promise<Dependent[]> {
  return DEPENDENTS.rows(client, { schema });
}

async function oidOf(client: Client, schema: string): Promise<string | undefined> {
  const { rows } = await client.query<{ oid: string }>("select oid from pg_namespace where nspname = $1", [schema]);
  return rows[0]?.oid;
}
