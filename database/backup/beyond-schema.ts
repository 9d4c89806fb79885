import { join } from "node:path";
import type { Client } from "pg";
import { printableList } from "../../domain/printable";
import type { Identified } from "../object-identity";
import { SqlFile } from "../sql-file";

/**
 * The schema that an object of `pg_depend` or `pg_shdepend` lives in. What belongs to a table (a trigger, a rule, a default) has no
 * schema of its own, and its address begins with the table's.
 */
const HOME = `coalesce((pg_identify_object(d.classid, d.objid, 0)).schema,
  (pg_identify_object_as_address(d.classid, d.objid, 0)).object_names[1])`;

/** Members of operator families go with these; publications only lose a table; default privileges hold no data. */
const OF_NO_CONCERN =
  "('pg_amop'::regclass, 'pg_amproc'::regclass, 'pg_publication_rel'::regclass, 'pg_default_acl'::regclass)";

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

const OWNED_ELSEWHERE = `
  select pg_describe_object(d.classid, d.objid, d.objsubid) as object
    from pg_shdepend d
   where d.refclassid = 'pg_authid'::regclass and d.refobjid = (select oid from pg_roles where rolname = $3) and d.deptype = 'o'
     and d.dbid = (select oid from pg_database where datname = current_database())
     and not (d.classid = 'pg_namespace'::regclass and d.objid = $1)
     and d.classid not in ${OF_NO_CONCERN} and ${HOME} is distinct from $2
   order by 1`;

const FORCED_POLICIES = `
  select pg_describe_object('pg_class'::regclass, oid, 0) as object from pg_class
   where relnamespace = $1 and relrowsecurity and relforcerowsecurity order by 1`;

const PREPARED =
  "select gid as object from pg_prepared_xacts where owner = $1 and database = current_database() order by 1";

const IN_OTHER_DATABASES = `
  select format('%s in database %s', count(*), datname) as object
    from pg_shdepend d join pg_database on pg_database.oid = d.dbid
   where d.refclassid = 'pg_authid'::regclass and d.refobjid = (select oid from pg_roles where rolname = $1) and d.deptype = 'o'
     and datname <> current_database()
   group by datname order by 1`;

const MEMBERS = `
  select distinct pg_get_userbyid(member) as object from pg_auth_members
   where roleid = (select oid from pg_roles where rolname = $1) and pg_get_userbyid(member) <> current_user order by 1`;

/**
 * Refuses a tenant whose removal would lose what a backup of its schema does not hold, or whose backup cannot be complete: objects
 * elsewhere that depend on the schema and would be dropped along with it, objects of the tenant's outside its schema (large
 * objects too), tables that hide rows from their own owner, transactions that are prepared and not committed.
 *
 * @throws Error that names them all and says what to do about each.
 */
export async function refuseWhatABackupMisses(admin: Client, schema: string, role: string): Promise<void> {
  const oid = await oidOf(admin, schema);
  const objects = async (sql: string, values: readonly unknown[]) =>
    (await admin.query<{ object: string }>(sql, [...values])).rows.map(({ object }) => object);
  const findings = [
    finding(
      (await dependentsOutside(admin, schema)).map(({ description }) => description),
      `outside ${schema} would be dropped along with it, and no backup holds`,
      "drop it, or remove its dependency",
    ),
    finding(
      await objects(OWNED_ELSEWHERE, [oid, schema, role]),
      `outside ${schema} belong to ${role}, and no backup holds`,
      "give it another owner, or drop it",
    ),
    finding(
      await objects(IN_OTHER_DATABASES, [role]),
      `objects elsewhere belong to ${role}, and keep it from being dropped:`,
      "drop them there: drop owned by, as a member of the role",
    ),
    finding(await objects(MEMBERS, [role]), `may write as ${role}, although it is fenced:`, `revoke ${role} from them`),
    finding(
      await objects(FORCED_POLICIES, [oid]),
      "row security is forced upon its own owner, which hides rows from a backup, for",
      "alter table … no force row level security",
    ),
    finding(
      await objects(PREPARED, [role]),
      "transactions are prepared and not committed:",
      "commit prepared or rollback prepared",
    ),
  ].filter((text) => text !== undefined);
  if (findings.length > 0) throw new Error(findings.join("; "));
}

/** Objects outside a schema that are dropped along with what is in it. */
export function dependentsOutside(client: Client, schema: string): Promise<Dependent[]> {
  return DEPENDENTS.rows(client, { schema });
}

async function oidOf(client: Client, schema: string): Promise<string | undefined> {
  const { rows } = await client.query<{ oid: string }>("select oid from pg_namespace where nspname = $1", [schema]);
  return rows[0]?.oid;
}

function finding(objects: readonly string[], what: string, remedy: string): string | undefined {
  if (objects.length === 0) return undefined;
  return `${what} ${printableList(objects)} (${remedy})`;
}
