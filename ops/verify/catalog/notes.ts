import { escapeLiteral } from "pg";
import type { Note } from "../leak";
import { quoted } from "../quoted";
import { type Scene, WHO } from "./scene";

/** PUBLIC may connect to every database by default, also to those that nobody uses. */
const OTHER_DATABASES = `
  with ${WHO}
  select datname::text as database, pg_get_userbyid(datdba)::text as owner from pg_database
   where datallowconn and datname <> current_database()
     and exists (select from aclexplode(coalesce(datacl, acldefault('d', datdba))) as a
                  where a.grantee = 0 and a.privilege_type = 'CONNECT')
   order by 1`;

/** Roles that see or change what is anybody's: some of the server's own, RDS's and the admin's. */
const MIGHTY = `
  with ${WHO}
  select m.rolname::text as member, r.rolname::text as role
    from pg_auth_members
    join pg_roles r on r.oid = roleid
    join pg_roles m on m.oid = member
   where r.rolname in ($4::text, 'rds_superuser', 'pg_read_all_data', 'pg_write_all_data', 'pg_maintain',
                       'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
     and not exists (select from trusted where trusted.oid = member) and not exists (select from tenant where tenant.role = member)
   order by 1, 2`;

/** What is meant to be, or is PostgreSQL's default, and should be known all the same. */
export async function notes(scene: Scene): Promise<Note[]> {
  const databases = await scene.rows<{ database: string; owner: string }>(OTHER_DATABASES);
  const mighty = await scene.rows<{ member: string; role: string }>(MIGHTY);
  return [
    ...databases.map(({ database, owner }) => ({
      sentence: `every login of the server may connect to database ${quoted(database)}, as PostgreSQL has it by default`,
      statement: `revoke connect, temporary on database ${quoted(database)} from public`,
      as: owner,
    })),
    ...mighty.map(({ member, role }) => ({
      sentence: `${quoted(member)}, which is no tenant, is a member of ${quoted(role)}, and so reaches what is every tenant's`,
      statement: `select pg_has_role(${escapeLiteral(member)}, ${escapeLiteral(role)}, 'member')`,
    })),
  ];
}
