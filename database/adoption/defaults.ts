import { type Client, escapeIdentifier } from "pg";
import { DEFAULT_PRIVILEGE_KINDS } from "./default-privilege-kinds";
import type { Difference, HandMade } from "./difference";

/**
 * Default privileges that reach into the schema or out of it: those of the schema, those of the role, whatever is given to the role,
 * and those that the admin has for every schema. Left out are what an owner gives itself, what PostgreSQL gives to all, and what the tenant's
 * own DefaultPrivileges replace.
 */
const DEFAULTS = `
  select pg_get_userbyid(defaclrole)::text as maker, nspname::text as "inSchema", defaclobjtype as kind,
         case grantee when 0 then null else pg_get_userbyid(grantee)::text end as grantee,
         string_agg(distinct a.privilege_type, ', ' order by a.privilege_type) as privileges
    from pg_default_acl
    left join pg_namespace n on n.oid = defaclnamespace, aclexplode(defaclacl) a
   where (defaclnamespace = $1
          or $2 in (defaclrole, grantee)
          or defaclnamespace = 0 and pg_get_userbyid(defaclrole) = current_user)
     and grantee <> defaclrole
     and not (defaclnamespace = $1 and grantee = $2 and pg_get_userbyid(defaclrole) = current_user
              and defaclobjtype in ('r', 'S') and not is_grantable)
     and not (defaclnamespace = 0 and grantee = 0 and (defaclobjtype, privilege_type) in (('f', 'EXECUTE'), ('T', 'USAGE')))
   group by 1, 2, 3, 4
   order by 1, 2, 3, 4`;

interface DefaultRow {
  readonly maker: string;
  readonly inSchema: string | null;
  readonly kind: string;
  readonly grantee: string | null;
  readonly privileges: string;
}

/** What is made one day would be given to others, or to the role outside its schema. */
export async function defaultPrivilegeDifferences(admin: Client, tenant: HandMade): Promise<Difference[]> {
  const { rows } = await admin.query<DefaultRow>(DEFAULTS, [tenant.schemaOid, tenant.roleOid]);
  return rows.map(({ maker, inSchema, kind, grantee, privileges }) => {
    const place = inSchema === null ? "any schema" : `schema ${inSchema}`;
    const within = inSchema === null ? "" : ` in schema ${escapeIdentifier(inSchema)}`;
    const objects = DEFAULT_PRIVILEGE_KINDS[kind] ?? "";
    const from = grantee === null ? "public" : escapeIdentifier(grantee);
    return {
      what: `${grantee ?? "PUBLIC"} will have ${privileges} on ${objects} that ${maker} makes in ${place}`,
      statement: `alter default privileges for role ${escapeIdentifier(maker)}${within} revoke all on ${objects} from ${from}`,
      as: [maker],
    };
  });
}
