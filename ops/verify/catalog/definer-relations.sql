-- Relations of the admin or a superuser in a tenant's schema that run something with their owner's rights:
--   views, which read with these rights
--   tables with rules, whose statements run with these rights
--   tables with triggers of the tenant's, whose code runs with the rights of the role that writes, for example the owner
--   tables that the tenant may make such a trigger for, or that a table of its own refers to: a foreign key is checked with the owner's
--   rights, and the check may use a cast of the tenant's
\ir given.sql
select t.role_name as role, type, identity, c.oid::text as oid, pg_get_userbyid(relowner)::text as owner, relkind = 'v' as view,
       t.schema_name as schema
  from json_to_recordset(:'tenants') as t (slug text, role oid, role_name text, schema oid, schema_name text)
  join pg_class c on relnamespace = t.schema,
       lateral (
         select count(*) > 0 as reachable, bool_or(privilege_type in ('REFERENCES', 'TRIGGER')) as letting_in
           from (select relacl as acl union all select attacl from pg_attribute where attrelid = c.oid) as its, aclexplode(acl) as held
          where held.grantee in (0, t.role)) as rights,
       pg_identify_object('pg_class'::regclass, c.oid, 0) i
 where t.role is not null and relowner = any (:'trusted'::oid[])
   and (relkind = 'v' and reachable and not exists (
          select from pg_options_to_table(reloptions) where option_name = 'security_invoker' and option_value::boolean)
        or relkind in ('r', 'p') and (
          reachable and exists (select from pg_rewrite where ev_class = c.oid)
          or exists (select from pg_trigger join pg_proc f on f.oid = tgfoid where tgrelid = c.oid and proowner = t.role)
          or letting_in or exists (
            select from pg_constraint join pg_class own on own.oid = conrelid
             where confrelid = c.oid and contype = 'f' and own.relowner = t.role)))
   -- What an extension brought along belongs to the extension.
   and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
 order by t.slug, identity;
