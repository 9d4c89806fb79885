import type { Leak } from "../leak";
import { quoted } from "../quoted";
import { type Scene, WHO } from "./scene";

/** The view hides the passwords from whoever may not see them; that there is a mapping it tells everybody. */
const MAPPINGS = `
  with ${WHO}
  select umid::text as oid, s.srvname::text as server, pg_get_userbyid(srvowner)::text as owner, tenant.name as tenant
    from pg_user_mappings m
    join pg_foreign_server s on s.oid = srvid
    left join tenant on tenant.role = umuser
   where umuser = 0 or tenant.name is not null
   order by 2, 4 nulls first`;

/** Logins on other servers that tenants would get there with. */
export async function userMappings(scene: Scene): Promise<Leak[]> {
  type Row = { oid: string; server: string; owner: string; tenant: string | null };
  return (await scene.rows<Row>(MAPPINGS)).map(({ oid, server, owner, tenant }) => {
    const [of, on] = [tenant === null ? "public" : quoted(tenant), quoted(server)];
    return {
      check: "foreign server" as const,
      role: tenant ?? "public",
      victim: undefined,
      object: `user mapping for ${quoted(tenant ?? "public")} on server ${quoted(server)}`,
      statement: `select srvname, usename from pg_user_mappings where umid = ${oid}`,
      closes: [{ as: owner, statement: `drop user mapping for ${of} server ${on}` }],
    };
  });
}
