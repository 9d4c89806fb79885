import { join } from "node:path";
import { type Client, escapeIdentifier } from "pg";
import { alterKeyword, type Identified, withRoutineArguments } from "../object-identity";
import { SqlFile } from "../sql-file";
import type { Difference, HandMade } from "./difference";

/**
 * Objects by owner. `pg_shdepend` names the owner of every kind of object; those of the server's first superuser have no entry.
 * A sequence of a column goes with its table, and what an extension brought along with the extension.
 */
export const goesWithAnother = (classid: string, objid: string) => `exists (
    select from pg_depend other
     where other.classid = ${classid} and other.objid = ${objid}
       and (other.deptype = 'e'
            or other.refobjsubid > 0 and other.deptype in ('a', 'i') and other.refclassid = 'pg_class'::regclass
               and exists (select from pg_class where oid = other.objid and relkind = 'S')))`;

interface OwnedByAnother extends Identified {
  readonly owner: string;
}

interface OwnedElsewhere extends Identified {
  readonly inSchema: boolean;
}

type TenantNames = "schema" | "role";

const OWNED_BY_OTHERS = new SqlFile<OwnedByAnother, TenantNames>(join(__dirname, "owned-by-others.sql"));
const OWNED_ELSEWHERE = new SqlFile<OwnedElsewhere, TenantNames>(join(__dirname, "owned-elsewhere.sql"));

const ELSEWHERE_AT_ALL = `
  select datname as name, count(*)::integer as number from pg_shdepend join pg_database on pg_database.oid = dbid
   where refclassid = 'pg_authid'::regclass and refobjid = $1 and datname <> current_database() group by 1 order by 1`;

/** The schema, or what is in it, belongs to somebody else. */
export async function ownershipDifferences(admin: Client, tenant: HandMade): Promise<Difference[]> {
  return [...(await schemaOfAnother(admin, tenant)), ...(await ownedByOthers(admin, tenant))];
}

/** The role owns something outside its schema. What moves in brings its privileges along: they are looked at as those inside are. */
export async function elsewhereDifferences(admin: Client, tenant: HandMade): Promise<Difference[]> {
  return [...(await ownedElsewhere(admin, tenant)), ...(await inOtherDatabases(admin, tenant))];
}

async function schemaOfAnother(admin: Client, { role, schema, schemaOid }: HandMade): Promise<Difference[]> {
  const { rows } = await admin.query<{ owner: string }>(
    "select pg_get_userbyid(nspowner)::text as owner from pg_namespace where oid = $1",
    [schemaOid],
  );
  return rows
    .filter(({ owner }) => owner !== role)
    .map(({ owner }) => ({
      what: `schema ${schema} belongs to ${owner}`,
      statement: `alter schema ${escapeIdentifier(schema)} owner to ${escapeIdentifier(role)}`,
      as: [owner, role],
    }));
}

async function ownedByOthers(admin: Client, { role, roleOid, schemaOid }: HandMade): Promise<Difference[]> {
  const rows = await OWNED_BY_OTHERS.rows(admin, { schema: schemaOid, role: roleOid });
  return (await withRoutineArguments(admin, rows)).map(({ type, identity, owner }) => ({
    what: `${type} ${identity} belongs to ${owner}`,
    // An extension has one owner for good.
    statement:
      type === "extension"
        ? `drop extension ${identity}`
        : `alter ${alterKeyword(type)} ${identity} owner to ${escapeIdentifier(role)}`,
    as: [owner, role],
  }));
}

/**
 * What lives in another schema moves into the tenant's. It is not given to the admin: a view or a `security definer` function that
 * the tenant wrote would have the admin's rights from then on.
 */
async function ownedElsewhere(admin: Client, tenant: HandMade): Promise<Difference[]> {
  const { role, roleOid, schema, schemaOid } = tenant;
  const rows = await OWNED_ELSEWHERE.rows(admin, { schema: schemaOid, role: roleOid });
  return (await withRoutineArguments(admin, rows)).map(({ type, identity, inSchema }) => ({
    what: `${type} ${identity} belongs to ${role}, and is not in its schema`,
    statement: inSchema
      ? `alter ${alterKeyword(type)} ${identity} set schema ${escapeIdentifier(schema)}`
      : `alter ${alterKeyword(type)} ${identity} owner to ${escapeIdentifier(admin.user ?? "")}`,
    as: [role],
  }));
}

/** Only a session in that database can tell what it is. */
async function inOtherDatabases(admin: Client, { role, roleOid }: HandMade): Promise<Difference[]> {
  const { rows } = await admin.query<{ name: string; number: number }>(ELSEWHERE_AT_ALL, [roleOid]);
  return rows.map(({ name, number }) => ({
    what: `${role} owns objects or has privileges in database ${name}: ${number}. Connect to it, look with this, and take them away`,
    statement: `select pg_describe_object(classid, objid, objsubid), deptype from pg_shdepend where dbid = (select oid from pg_database where datname = current_database()) and refobjid = ${roleOid}`,
    as: [],
  }));
}
