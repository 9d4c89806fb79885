import { escapeLiteral } from "pg";
import { goesWithAnother } from "../../../database/adoption/ownership";
import { alterKeyword, identified } from "../../../database/object-identity";
import type { Leak } from "../leak";
import { quoted } from "../quoted";
import { MOST, type Numbered, numbered, withTheRest } from "./most";
import { acting, onBehalf } from "./remedies";
import { type Scene, WHO } from "./scene";
import { ownerOf } from "./shown";

/**
 * What a tenant owns in no schema, or in one that is no tenant's. The server forgets temporary objects by itself; default privileges,
 * user mappings and large objects are looked at elsewhere.
 */
const OWNED_OUTSIDE = `
  with ${WHO},
  outside as (
    select ${numbered("tenant.name", "s.classid, s.objid")}, tenant.name, tenant.role, tenant.place, tenant.schema is not null as "hasSchema",
           s.classid, s.objid, n.oid as nsp, nspname, nspowner,
           case when srvfdw is not null then has_foreign_data_wrapper_privilege($4::text, srvfdw, 'usage')
                else s.classid not in ('pg_foreign_data_wrapper'::regclass, 'pg_event_trigger'::regclass) end as "forAdmin"
      from tenant
      join pg_shdepend s on s.refclassid = 'pg_authid'::regclass and s.refobjid = tenant.role and s.deptype = 'o'
       and s.dbid in (0, (select oid from pg_database where datname = current_database()))
      left join pg_depend d
        on d.classid = s.classid and d.objid = s.objid and d.refclassid = 'pg_namespace'::regclass and d.deptype = 'n'
      left join pg_namespace n on n.oid = d.refobjid
      left join pg_foreign_server f on s.classid = 'pg_foreign_server'::regclass and f.oid = s.objid
     where s.classid not in ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass, 'pg_largeobject'::regclass)
       and not exists (
         select from tenant home where home.schema in (d.refobjid, case s.classid when 'pg_namespace'::regclass then s.objid end))
       and n.nspname ~ '^pg_(toast_)?temp_' is not true
       and not ${goesWithAnother("s.classid", "s.objid")})
  select outside.name as tenant, nth, total, place, "hasSchema", nspname::text as schema, "forAdmin", type, identity,
         classid::text, objid::text as oid, lacking, able, superuser
    from outside, ${identified("classid", "objid")} i, ${acting("array[role, nspowner]")} a
   where nth <= ${MOST} and identity is not null
   order by 1, type, identity`;

/** The same in other databases, and rights there: only a session there can tell what. */
const ELSEWHERE = `
  with ${WHO}
  select name as tenant, quote_ident(datname) as database, count(*)::integer as number
    from tenant join pg_shdepend s on s.refclassid = 'pg_authid'::regclass and s.refobjid = role
    join pg_database d on d.oid = s.dbid
   where datname <> current_database()
   group by 1, 2 order by 1, 2`;

interface OutsideRow extends Numbered {
  readonly tenant: string;
  /** Name of the tenant's schema. */
  readonly place: string;
  readonly hasSchema: boolean;
  /** Name of the schema that it is in; null where it is in none. */
  readonly schema: string | null;
  /** Whether the server lets the admin own such a thing. */
  readonly forAdmin: boolean;
  readonly type: string;
  readonly identity: string;
  readonly classid: string;
  readonly oid: string;
  readonly lacking: readonly string[];
  readonly able: boolean;
  readonly superuser: string;
}

export async function ownedOutside(scene: Scene): Promise<Leak[]> {
  const here = await scene.rows<OutsideRow>(OWNED_OUTSIDE);
  const elsewhere = await scene.rows<{ tenant: string; database: string; number: number }>(ELSEWHERE);
  return [
    ...here.map((row) => withTheRest(leakOf(row, scene.ground.adminUser), row)),
    ...elsewhere.map(({ tenant, database, number }) => ({
      check: "ownership" as const,
      role: tenant,
      victim: undefined,
      object: `${number === 1 ? "an object" : `${number} objects`} in database ${database}`,
      statement: `select classid::regclass, objid, deptype from pg_shdepend where refobjid = ${escapeLiteral(quoted(tenant))}::regrole`,
      closes: [],
      hint: `in database ${database}, look with that statement, and then as the role run: drop owned by ${quoted(tenant)}`,
    })),
  ];
}

function leakOf(row: OutsideRow, adminUser: string): Leak {
  return {
    check: "ownership",
    role: row.tenant,
    victim: undefined,
    schema: row.schema ?? undefined,
    object: `${row.type} ${row.identity}`,
    statement: ownerOf(row.classid, row.oid),
    closes: remedies(row, adminUser),
    ...(row.hasSchema || row.schema === null ? {} : { hint: `there is no schema ${row.place} to move it to` }),
  };
}

/**
 * What lives in another schema moves into the tenant's. It is not given to the admin: a view or a `security definer` function that
 * the tenant wrote would have the admin's rights from then on.
 */
function remedies(row: OutsideRow, adminUser: string) {
  if (row.schema !== null && !row.hasSchema) return [];
  const change = `alter ${alterKeyword(row.type)} ${row.identity}`;
  if (row.schema !== null) return onBehalf(`${change} set schema ${quoted(row.place)}`, { ...row, adminUser });
  return row.forAdmin
    ? onBehalf(`${change} owner to ${quoted(adminUser)}`, { ...row, adminUser })
    : [{ as: row.superuser, statement: `${change} owner to ${quoted(row.superuser)}` }];
}
