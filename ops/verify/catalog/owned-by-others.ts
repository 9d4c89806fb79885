import { goesWithAnother } from "../../../database/adoption/ownership";
import { alterKeyword, identified } from "../../../database/object-identity";
import { schemaName } from "../../../domain/names";
import type { Leak } from "../leak";
import { quoted } from "../quoted";
import { MOST, type Numbered, numbered, withTheRest } from "./most";
import { acting, onBehalf } from "./remedies";
import { type Scene, WHO } from "./scene";
import { ownerOf } from "./shown";

/**
 * A tenant's schema, or what is in it, belongs to another tenant or a third role. What the admin or the server's superuser owns there
 * is no way in, as long as it runs no code.
 */
const OWNED_BY_OTHERS = `
  with ${WHO},
  inside as (
    select slug, role, name, 'pg_namespace'::regclass::oid as classid, schema as objid, owner from tenant
    union all
    select slug, role, name, d.classid, d.objid, o.refobjid
      from tenant
      join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = schema and d.deptype = 'n'
      join pg_shdepend o
        on o.dbid = (select oid from pg_database where datname = current_database())
       and o.classid = d.classid and o.objid = d.objid and o.deptype = 'o'
     where not ${goesWithAnother("d.classid", "d.objid")}),
  others as (
    select inside.*, ${numbered("slug, owner", "classid <> 'pg_namespace'::regclass, classid, objid")} from inside
     where owner is distinct from role and not exists (select from trusted where trusted.oid = owner))
  select slug, nth, total, case when role is not null then others.name end as tenant, type, identity, classid::text, objid::text as oid,
         pg_get_userbyid(owner)::text as owner, lacking, able, superuser
    from others, ${identified("classid", "objid")} i, ${acting("array[owner, role]")} a
   where nth <= ${MOST} and identity is not null
   order by slug, classid <> 'pg_namespace'::regclass, type, identity`;

interface OwnedRow extends Numbered {
  readonly slug: string;
  /** Name of the tenant's role; null where there is none. */
  readonly tenant: string | null;
  readonly type: string;
  readonly identity: string;
  readonly classid: string;
  readonly oid: string;
  readonly owner: string;
  readonly lacking: readonly string[];
  readonly able: boolean;
  readonly superuser: string;
}

export async function ownedByOthers(scene: Scene): Promise<Leak[]> {
  const { adminUser } = scene.ground;
  return (await scene.rows<OwnedRow>(OWNED_BY_OTHERS)).map((row) => withTheRest(leakOf(row, adminUser), row));
}

function leakOf(row: OwnedRow, adminUser: string): Leak {
  return {
    check: "ownership",
    role: row.owner,
    victim: row.slug,
    schema: schemaName(row.slug),
    object: `${row.type} ${row.identity}`,
    statement: ownerOf(row.classid, row.oid),
    closes: remedies(row, adminUser),
    ...(row.tenant === null ? { hint: `there is no role user_${row.slug} to give it to` } : {}),
  };
}

function remedies(row: OwnedRow, adminUser: string) {
  if (row.tenant === null) return [];
  // An extension has one owner for good.
  const statement =
    row.type === "extension"
      ? `drop extension ${row.identity}`
      : `alter ${alterKeyword(row.type)} ${row.identity} owner to ${quoted(row.tenant)}`;
  return onBehalf(statement, { ...row, adminUser });
}
