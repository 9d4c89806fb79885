-- Default privileges that reach into the schema or out of it: those of the schema, those of the role, whatever is given to the role,
-- and those that the admin has for every schema. Left out are what an owner gives itself, what PostgreSQL gives to PUBLIC, and what
-- the tenant's own DefaultPrivileges replace. Run it as the admin.
\set schema 'schema_acme'
\set role 'user_acme'
select pg_get_userbyid(defaclrole)::text as maker, nspname::text as "inSchema", defaclobjtype as kind,
       case grantee when 0 then null else pg_get_userbyid(grantee)::text end as grantee,
       string_agg(distinct a.privilege_type, ', ' order by a.privilege_type) as privileges
  from pg_default_acl
  left join pg_namespace n on n.oid = defaclnamespace, aclexplode(defaclacl) a
 where (defaclnamespace = :'schema'::regnamespace
        or :'role'::regrole in (defaclrole, grantee)
        or defaclnamespace = 0 and pg_get_userbyid(defaclrole) = current_user)
   and grantee <> defaclrole
   and not (defaclnamespace = :'schema'::regnamespace and grantee = :'role'::regrole
            and pg_get_userbyid(defaclrole) = current_user and defaclobjtype in ('r', 'S') and not is_grantable)
   and not (defaclnamespace = 0 and grantee = 0 and (defaclobjtype, privilege_type) in (('f', 'EXECUTE'), ('T', 'USAGE')))
 group by 1, 2, 3, 4
 order by 1, 2, 3, 4;
