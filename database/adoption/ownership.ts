import { type Client, escapeIdentifier } from "pg";
import { identified } from "../object-identity";
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

const OWNED_BY_OTHERS = `
  select i.type, i.identity, pg_get_userbyid(coalesce(o.refobjid, 10))::text as owner
    from pg_depend d
    left join pg_shdepend o
      on o.dbid = (select oid from pg_database where datname = current_database())
     and o.classid = d.classid and o.objid = d.objid and o.deptype = 'o',
         ${identified("d.classid", "d.objid")} i
   where d.refclassid = 'pg_namespace'::regclass and d.refobjid = $1 and d.deptype = 'n'
     and coalesce(o.refobjid, 10) <> $2
     and not ${goesWithAnother("d.classid", "d.objid")}
   order by 1, 2`;

const OWNED_ELSEWHERE = `
  select i.type, i.identity, i.schema is not null as "inSchema", s.dbid = 0 as shared
    from pg_shdepend s, ${identified("s.classid", "s.objid")} i
   where s.refclassid = 'pg_authid'::regclass and s.refobjid = $2 and s.deptype = 'o'
     and s.dbid in (0, (select oid from pg_database where datname = current_database()))
     and s.classid <> 'pg_default_acl'::regclass
     and not (s.classid = 'pg_namespace'::regclass and s.objid = $1)
     and i.schema is distinct from (select nspname from pg_namespace where oid = $1)
     and coalesce(i.schema !~ '^pg_(toast_)?temp_', true)
     and not ${goesWithAnother("s.classid", "s.objid")}
   order by 1, 2`;

const ELSEWHERE_AT_ALL = `
  select datname as name, count(*)::integer as number from pg_shdepend join pg_database on pg_database.oid = dbid
   where refclassid = 'pg_authid'::regclass and refobjid = $1 and datname <> current_database() group by 1 order by 1`;

interface Named {
  readonly type: string;
  readonly identity: string;
}

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
  const { rows } = await admin.query<Named & { owner: string }>(OWNED_BY_OTHERS, [schemaOid, roleOid]);
  return rows.map(({ type, identity, owner }) => ({
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
  const { rows } = await admin.query<Named & { inSchema: boolean }>(OWNED_ELSEWHERE, [schemaOid, roleOid]);
  return rows.map(({ type, identity, inSchema }) => ({
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

/** The word that `alter` takes for what the catalog calls a kind of object. */
export function alterKeyword(type: string): string {
  if (/^(function|procedure|aggregate)$/.test(type)) return "routine";
  return type === "statistics object" ? "statistics" : type.replace("-", " ");
}
