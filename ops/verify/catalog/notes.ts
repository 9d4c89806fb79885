import type { Note } from "../leak";
import { quoted } from "../quoted";
import { type Scene, WHO } from "./scene";
import { thirdRoles } from "./third-roles";

/** PUBLIC may connect to every database by default, also to those that nobody uses. */
const OTHER_DATABASES = `
  with ${WHO}
  select datname::text as database, pg_get_userbyid(datdba)::text as owner from pg_database
   where datallowconn and datname <> current_database()
     and exists (select from aclexplode(coalesce(datacl, acldefault('d', datdba))) as a
                  where a.grantee = 0 and a.privilege_type = 'CONNECT')
   order by 1`;

/** A file may have gone, and the role not. Where the schema is still there, it counts as a tenant. */
const LEFT_BEHIND = `
  with ${WHO}
  select rolname::text as role from pg_roles
   where rolcanlogin and rolname ~ '^user_[a-z][a-z0-9_]*$' and not exists (select from tenant where tenant.role = pg_roles.oid)
   order by 1`;

/** What is meant to be, or is PostgreSQL's default, and should be known all the same. */
export async function notes(scene: Scene): Promise<Note[]> {
  const databases = await scene.rows<{ database: string; owner: string }>(OTHER_DATABASES);
  const left = await scene.rows<{ role: string }>(LEFT_BEHIND);
  return [
    ...databases.map(({ database, owner }) => ({
      sentence: `every login of the server may connect to database ${quoted(database)}, as PostgreSQL has it by default`,
      statement: `revoke connect, temporary on database ${quoted(database)} from public`,
      as: owner,
    })),
    ...(await thirdRoles(scene)),
    ...left.map(({ role }) => ({
      sentence: `${quoted(role)} can log in, and there is no such tenant: neither a schema nor a file`,
      statement: `alter role ${quoted(role)} nologin`,
      as: scene.ground.adminUser,
    })),
  ];
}
