import { type Client, escapeIdentifier } from "pg";
import { identified } from "../object-identity";
import type { Difference, HandMade } from "./difference";

/**
 * Privileges on the schema, on what is in it and on what the role owns elsewhere that are neither the owner's nor the role's, nor
 * PostgreSQL's own defaults, as EXECUTE on functions to PUBLIC. Each object once for each who has some.
 */
const GIVEN_TO_OTHERS = `
  with object as (
    select 'pg_namespace'::regclass as classid, oid as objid, nspowner as owner, nspacl as acl, 'n' as kind,
           null::text as "column" from pg_namespace where oid = $1
    union all
    select 'pg_class'::regclass, oid, relowner, relacl, case relkind when 'S' then 's' else 'r' end, null
      from pg_class where relnamespace = $1 or relowner = $2
    union all
    select 'pg_class'::regclass, attrelid, relowner, attacl, 'c', attname
      from pg_attribute join pg_class on pg_class.oid = attrelid
     where (relnamespace = $1 or relowner = $2) and not attisdropped
    union all
    select 'pg_proc'::regclass, oid, proowner, proacl, 'f', null from pg_proc where pronamespace = $1 or proowner = $2
    union all
    select 'pg_type'::regclass, oid, typowner, typacl, 'T', null from pg_type where typnamespace = $1 or typowner = $2
  )
  select kind, "column", i.type, i.identity, case a.grantee when 0 then null else pg_get_userbyid(a.grantee)::text end as grantee,
         string_agg(distinct a.privilege_type, ', ' order by a.privilege_type) as privileges
    from object, aclexplode(acl) a, ${identified("classid", "objid")} i
   where a.grantee not in ($2, owner)
     and not exists (
       select from aclexplode(acldefault(kind::"char", owner)) d
        where d.grantee = 0 and a.grantee = 0 and d.privilege_type = a.privilege_type and not a.is_grantable)
   group by kind, "column", i.type, i.identity, a.grantee
   order by kind = 'n' desc, i.type, i.identity, "column" nulls first, grantee`;

/** Privileges of the role on what is not its schema, nor in it. CONNECT and the like on this database its own Grant decides. */
const OUTSIDE = `
  select distinct i.type, i.identity, attname as "column", relkind = 'S' as sequence,
         pg_get_userbyid(o.refobjid)::text as owner
    from pg_shdepend s
    left join pg_shdepend o on o.dbid = s.dbid and o.classid = s.classid and o.objid = s.objid and o.deptype = 'o'
    left join pg_class c on s.classid = 'pg_class'::regclass and c.oid = s.objid
    left join pg_attribute a on a.attrelid = c.oid and a.attnum = s.objsubid and s.objsubid > 0,
         ${identified("s.classid", "s.objid")} i
   where s.refclassid = 'pg_authid'::regclass and s.refobjid = $2 and s.deptype = 'a'
     and s.dbid in (0, (select oid from pg_database where datname = current_database()))
     and s.classid <> 'pg_default_acl'::regclass
     and not (s.classid = 'pg_namespace'::regclass and s.objid = $1)
     and not (s.classid = 'pg_database'::regclass and i.name = current_database())
     and i.schema is distinct from (select nspname from pg_namespace where oid = $1)
   order by 1, 2, 3 nulls first`;

/** What `on` takes for the kinds above. */
const KEYWORDS: Readonly<Record<string, string>> = {
  n: "schema",
  r: "table",
  s: "sequence",
  c: "table",
  f: "routine",
  T: "type",
};

interface Privileged {
  readonly type: string;
  readonly identity: string;
  readonly column: string | null;
}

/** Others may do something with the schema or what is in it, or the role outside. */
export async function privilegeDifferences(admin: Client, tenant: HandMade): Promise<Difference[]> {
  return [...(await givenToOthers(admin, tenant)), ...(await outside(admin, tenant))];
}

async function givenToOthers(admin: Client, { role, roleOid, schemaOid }: HandMade): Promise<Difference[]> {
  const { rows } = await admin.query<Privileged & { kind: string; grantee: string | null; privileges: string }>(
    GIVEN_TO_OTHERS,
    [schemaOid, roleOid],
  );
  return rows.map(({ kind, column, type, identity, grantee, privileges }) => ({
    what: `${grantee ?? "PUBLIC"} has ${privileges} on ${columnOf(column)}${type} ${identity}`,
    statement: revoke(column, `${KEYWORDS[kind]} ${identity}`, grantee === null ? "public" : escapeIdentifier(grantee)),
    as: [role],
  }));
}

async function outside(admin: Client, { role, roleOid, schemaOid }: HandMade): Promise<Difference[]> {
  const { rows } = await admin.query<Privileged & { sequence: boolean | null; owner: string | null }>(OUTSIDE, [
    schemaOid,
    roleOid,
  ]);
  return rows.map(({ type, identity, column, sequence, owner }) => ({
    what: `${role} has privileges on ${columnOf(column)}${type} ${identity}`,
    statement: revoke(column, `${keyword(type, sequence)} ${identity}`, escapeIdentifier(role)),
    as: owner === null ? [] : [owner],
  }));
}

/** `cascade`: who was given a privilege with the grant option may have passed it on. */
function revoke(column: string | null, target: string, grantee: string): string {
  const columns = column === null ? "" : ` (${escapeIdentifier(column)})`;
  return `revoke all${columns} on ${target} from ${grantee} cascade`;
}

function columnOf(column: string | null): string {
  return column === null ? "" : `column ${column} of `;
}

/** What `on` takes for what the catalog calls a kind of object. */
function keyword(type: string, sequence: boolean | null): string {
  if (sequence !== null) return sequence ? "sequence" : "table";
  if (/^(function|procedure|aggregate)$/.test(type)) return "routine";
  if (type === "server") return "foreign server";
  return type === "parameter ACL" ? "parameter" : type.replace("-", " ");
}
