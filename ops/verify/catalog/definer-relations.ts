import { identified } from "../../../database/object-identity";
import type { Leak } from "../leak";
import { quoted } from "../quoted";
import { notOfExtension } from "./not-of-extension";
import { acting, onBehalf } from "./remedies";
import { type Scene, WHO } from "./scene";

/**
 * In a tenant's schema, of the admin or a superuser: views, which read with these rights; tables with rules, whose statements run with
 * these rights; tables with triggers of the tenant's, whose code runs with the rights of whoever writes there: the owner; tables that
 * the tenant may make such a trigger for, or that a table of its own refers to: what a foreign key asks, it asks with the owner's rights,
 * and a cast of the tenant's may be part of the question.
 */
const RELATIONS = `
  with ${WHO}
  select t.slug, t.name as role, type, identity, c.oid::text as oid, pg_get_userbyid(relowner)::text as owner, relkind = 'v' as view,
         t.place as schema, lacking, able, superuser
    from tenant t
    join pg_class c on relnamespace = t.schema,
         lateral (
           select count(*) > 0 as reachable, bool_or(privilege_type in ('REFERENCES', 'TRIGGER')) as letting_in
             from (select relacl as acl union all select attacl from pg_attribute where attrelid = c.oid) as its, aclexplode(acl) as held
            where held.grantee in (0, t.role)) as rights,
         ${identified("'pg_class'::regclass", "c.oid")} i, ${acting("array[relowner, t.role]")} a
   where t.role is not null and exists (select from trusted where trusted.oid = relowner)
     and (relkind = 'v' and reachable and not exists (
            select from pg_options_to_table(reloptions) where option_name = 'security_invoker' and option_value::boolean)
          or relkind in ('r', 'p') and (
            reachable and exists (select from pg_rewrite where ev_class = c.oid)
            or exists (select from pg_trigger join pg_proc f on f.oid = tgfoid where tgrelid = c.oid and proowner = t.role)
            or letting_in or exists (
              select from pg_constraint join pg_class own on own.oid = conrelid
               where confrelid = c.oid and contype = 'f' and own.relowner = t.role)))
     and ${notOfExtension("'pg_class'::regclass", "c.oid")}
   order by t.slug, identity`;

interface RelationRow {
  readonly slug: string;
  readonly role: string;
  readonly type: string;
  readonly identity: string;
  readonly oid: string;
  readonly owner: string;
  readonly view: boolean;
  readonly schema: string;
  readonly lacking: readonly string[];
  readonly able: boolean;
  readonly superuser: string;
}

/** Views, and tables with code of their own, within a tenant's reach that run with somebody else's rights. */
export async function definerRelations(scene: Scene): Promise<Leak[]> {
  return (await scene.rows<RelationRow>(RELATIONS)).map((row) => ({
    check: "relation" as const,
    role: row.role,
    victim: undefined,
    schema: row.schema,
    object: `${row.type} ${row.identity}`,
    statement: `select relowner::regrole, reloptions, relhasrules, relhastriggers from pg_class where oid = ${row.oid}`,
    // In the name of both: what else is told of it may have made it the tenant's by then.
    closes: onBehalf(
      row.view
        ? `alter view ${row.identity} set (security_invoker = true)`
        : `alter table ${row.identity} owner to ${quoted(row.role)}`,
      { ...row, adminUser: scene.ground.adminUser },
    ),
    hint: row.view
      ? `it reads with the rights of ${quoted(row.owner)}`
      : `code of ${quoted(row.role)} runs with the rights of ${quoted(row.owner)} through a rule, a trigger, or a cast in a foreign key`,
  }));
}
