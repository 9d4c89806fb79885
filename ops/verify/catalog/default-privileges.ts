import { DEFAULT_PRIVILEGE_KINDS } from "../../../database/adoption/default-privileges";
import type { Leak } from "../leak";
import { quoted } from "../quoted";
import { type Scene, WHO } from "./scene";

/**
 * Rights that will be given in what is still to be made. Left out are what a maker keeps for itself, what a tenant gets in its own
 * schema, and what PUBLIC has of routines and types anyway.
 */
const PROMISES = `
  with ${WHO}
  select d.oid::text, pg_get_userbyid(defaclrole)::text as maker, nspname::text as schema, defaclobjtype::text as kind,
         case grantee when 0 then null else pg_get_userbyid(grantee)::text end as grantee,
         coalesce(home.slug, maker.slug) as victim, array_agg(distinct privilege_type order by privilege_type) as privileges
    from pg_default_acl d
    left join pg_namespace n on n.oid = defaclnamespace
    left join tenant home on home.schema = defaclnamespace
    left join tenant maker on maker.role = defaclrole
   cross join lateral aclexplode(defaclacl) as a
    left join tenant who on who.role = grantee
   where grantee <> defaclrole and not exists (select from trusted where trusted.oid = grantee)
     and (grantee = 0 or coalesce(who.slug, maker.slug, home.slug) is not null
          -- What the admin makes anywhere it may make in a tenant's schema.
          or defaclnamespace = 0 and pg_get_userbyid(defaclrole) = $4)
     and home.slug is distinct from coalesce(who.slug, '')
     and not (grantee = 0 and (defaclobjtype, privilege_type) in (('f', 'EXECUTE'), ('T', 'USAGE')))
   group by d.oid, defaclrole, nspname, defaclobjtype, grantee, home.slug, maker.slug
   order by victim nulls first, maker, schema nulls first, kind, grantee nulls first`;

interface PromiseRow {
  readonly oid: string;
  readonly maker: string;
  /** null for any. */
  readonly schema: string | null;
  readonly kind: string;
  /** null for PUBLIC. */
  readonly grantee: string | null;
  readonly victim: string | null;
  readonly privileges: readonly string[];
}

/** Default privileges that give future objects to those who should not have them. */
export async function defaultPrivileges(scene: Scene): Promise<Leak[]> {
  return (await scene.rows<PromiseRow>(PROMISES)).map((row) => {
    const kind = DEFAULT_PRIVILEGE_KINDS[row.kind] ?? "";
    const maker = quoted(row.maker);
    const place = row.schema === null ? "" : ` in schema ${quoted(row.schema)}`;
    const grantee = row.grantee === null ? "public" : quoted(row.grantee);
    const privileges = row.privileges.join(", ").toLowerCase();
    return {
      check: "default privilege" as const,
      role: row.grantee ?? "public",
      victim: row.victim ?? undefined,
      schema: row.schema ?? undefined,
      object: `${kind} that ${quoted(row.maker)} makes in ${row.schema === null ? "any schema" : `schema ${quoted(row.schema)}`}`,
      statement: `select defaclobjtype, defaclacl from pg_default_acl where oid = ${row.oid}`,
      closes: [
        {
          as: row.maker,
          statement: `alter default privileges for role ${maker}${place} revoke ${privileges} on ${kind} from ${grantee}`,
        },
      ],
    };
  });
}
