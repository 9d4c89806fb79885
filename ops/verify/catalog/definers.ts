import { escapeLiteral } from "pg";
import { identified } from "../../../components/object-identity";
import type { Leak } from "../leak";
import { quoted } from "../quoted";
import { acting, onBehalf, within } from "./remedies";
import { type Scene, WHO } from "./scene";

/** What comes with an extension is the extension's. */
const NOT_OF_EXTENSION = (classid: string, objid: string) =>
  `not exists (select from pg_depend e where e.classid = '${classid}'::regclass and e.objid = ${objid} and e.deptype = 'e')`;

/**
 * Routines that run with the rights of their owner, in a tenant's schema or one that is no tenant's, that PUBLIC or that tenant may call:
 * also where the schema is closed today. What belongs to a tenant or a third role in a tenant's schema is told as such; what a
 * third role has in a schema of its own is its own affair.
 */
const ROUTINES = `
  with ${WHO}
  select t.slug, coalesce(t.name, 'public') as role, identity, routine.oid::text as oid,
         pg_get_userbyid(proowner)::text as owner, nspname::text as schema,
         pg_get_userbyid(nspowner)::text as "schemaOwner", not has_schema_privilege(proowner, n.oid, 'usage') as shut
    from pg_proc as routine
    join pg_namespace n on n.oid = pronamespace
    left join tenant t on t.schema = n.oid
   cross join lateral (
     select min(grantee) as grantee from aclexplode(coalesce(proacl, acldefault('f', proowner))) as each
      where each.grantee = 0 or each.grantee = t.role) a,
         ${identified("'pg_proc'::regclass", "routine.oid")} i
   where prosecdef and a.grantee is not null and prorettype <> 'event_trigger'::regtype
     and n.nspname not in ('pg_catalog', 'information_schema') and pg_is_other_temp_schema(n.oid) is not true
     and case when exists (select from trusted where trusted.oid = proowner) then true
              else t.slug is null and nspowner <> proowner and not exists (select from tenant where tenant.role = proowner) end
     and ${NOT_OF_EXTENSION("pg_proc", "routine.oid")}
   order by t.slug nulls first, identity`;

/**
 * In a tenant's schema, of the admin or a superuser: views, which read with these rights; tables with rules, whose statements run with
 * these rights; tables with triggers of the tenant's, whose code runs with the rights of whoever writes there: the owner.
 */
const RELATIONS = `
  with ${WHO}
  select t.slug, t.name as role, type, identity, c.oid::text as oid, pg_get_userbyid(relowner)::text as owner, relkind = 'v' as view,
         t.place as schema, pg_get_userbyid(t.owner)::text as "schemaOwner",
         not has_schema_privilege(relowner, t.schema, 'usage') as shut, lacking, able, superuser
    from tenant t
    join pg_class c on relnamespace = t.schema,
         ${identified("'pg_class'::regclass", "c.oid")} i, ${acting("array[relowner, t.role]")} a
   where t.role is not null and exists (select from trusted where trusted.oid = relowner)
     and (relkind = 'v' and not exists (
            select from pg_options_to_table(reloptions) where option_name = 'security_invoker' and option_value::boolean)
          or relkind in ('r', 'p') and (
            exists (select from pg_rewrite where ev_class = c.oid)
            or exists (select from pg_trigger join pg_proc f on f.oid = tgfoid where tgrelid = c.oid and proowner = t.role)))
     and exists (select from aclexplode(relacl) as held where held.grantee in (0, t.role))
     and ${NOT_OF_EXTENSION("pg_class", "c.oid")}
   order by t.slug, identity`;

interface RoutineRow {
  /** null for a routine in a schema that is no tenant's. */
  readonly slug: string | null;
  readonly role: string;
  readonly identity: string;
  readonly oid: string;
  readonly owner: string;
  readonly schema: string;
  readonly schemaOwner: string;
  readonly shut: boolean;
}

interface RelationRow {
  readonly slug: string;
  readonly role: string;
  readonly type: string;
  readonly identity: string;
  readonly oid: string;
  readonly owner: string;
  readonly view: boolean;
  readonly schema: string;
  readonly schemaOwner: string;
  readonly shut: boolean;
  readonly lacking: readonly string[];
  readonly able: boolean;
  readonly superuser: string;
}

/** Code within a tenant's reach that runs with somebody else's rights. */
export async function definers(scene: Scene): Promise<Leak[]> {
  const routines = await scene.rows<RoutineRow>(ROUTINES);
  const relations = await scene.rows<RelationRow>(RELATIONS);
  return [
    ...routines.map((row) => ({
      check: "routine" as const,
      role: row.role,
      victim: undefined,
      schema: row.schema,
      object: `routine ${row.identity}`,
      statement:
        `select prosecdef, proowner::regrole, has_function_privilege(${escapeLiteral(row.role)}, oid, 'EXECUTE') ` +
        `from pg_proc where oid = ${row.oid}`,
      closes: within(row.owner, closesRoutine(row), row),
      hint: `it is \`security definer\`, and runs with the rights of ${quoted(row.owner)}`,
    })),
    ...relations.map((row) => ({
      check: "relation" as const,
      role: row.role,
      victim: undefined,
      schema: row.schema,
      object: `${row.type} ${row.identity}`,
      statement: `select relowner::regrole, reloptions, relhasrules, relhastriggers from pg_class where oid = ${row.oid}`,
      closes: row.view
        ? within(row.owner, `alter view ${row.identity} set (security_invoker = true)`, row)
        : onBehalf(`alter table ${row.identity} owner to ${quoted(row.role)}`, {
            ...row,
            adminUser: scene.ground.adminUser,
          }),
      hint: row.view
        ? `it reads with the rights of ${quoted(row.owner)}`
        : `its rules or triggers run with the rights of ${quoted(row.owner)}`,
    })),
  ];
}

/** In a tenant's own schema the tenant may go on calling it, with its own rights. */
function closesRoutine({ slug, identity }: RoutineRow): string {
  return slug === null
    ? `revoke execute on routine ${identity} from public`
    : `alter routine ${identity} security invoker`;
}
