import { type Client, escapeIdentifier } from "pg";
import { printable } from "../domain/printable";
import { Refusal } from "./existing-tenant";
import { isJoinable, isJoined } from "./membership";
import { majorOf, NEWEST_MAJOR, OLDEST_MAJOR } from "./server-version";
import { pasteableStatement } from "./sql-text";

/**
 * Refuses a server that tenants cannot be kept apart on: of a major that nothing here was tried on, or whose database or schema `public` is
 * not the admin's to close. There the provider's REVOKE does nothing, without a word, and once more at every `up`.
 *
 * @throws Refusal that says what was found and what to do.
 */
export async function refuseServer(admin: Client): Promise<void> {
  const major = await majorOf(admin);
  if (major < OLDEST_MAJOR || major > NEWEST_MAJOR) {
    throw new Refusal(
      `the server at ${admin.host} is PostgreSQL ${major}, and this program supports ${OLDEST_MAJOR} to ${NEWEST_MAJOR} (docs/versions.md). ` +
        (major < OLDEST_MAJOR ? "Upgrade the server" : "Use a release of this program that knows it"),
    );
  }
  const { rows } = await admin.query<Opening>(openings(major), [admin.user]);
  if (rows.length === 0) return;
  const lines = rows.map(
    ({ role, statement }) => `-- as ${printable(role)}, or as a superuser:\n${pasteableStatement(statement)};`,
  );
  const objects = [...new Set(rows.map(({ object }) => object))].join(" and ");
  throw new Refusal(
    `tenants would not be kept out of ${objects}: who may do what there is not ${admin.user}'s to say, and what it takes away or gives ` +
      "there comes to nothing. Nothing was changed. Have this run in database " +
      `${escapeIdentifier(admin.database ?? "")}, and deploy again:\n${lines.join("\n")}`,
  );
}

/** What is not the admin's to close, in SQL, and what has to be run by whom. */
interface Opening {
  readonly object: string;
  readonly role: string;
  readonly statement: string;
}

/**
 * What PUBLIC has rights on and the provider's REVOKE does not close. For a schema the provider makes the admin a member of the owner, if
 * it can, which is nobody but a superuser's; for a database the admin has to be that already. Either way it takes back only what the owner
 * gave. And a database on which the admin may give nobody CONNECT.
 */
function openings(major: number): string {
  return `
    with home as (select datname, datdba, datacl, format('alter database %I owner to %I', datname, $1::text) as take_over
                    from pg_database where datname = current_database()),
    object as (
      select format('database %I', datname) as name, datdba as owner, coalesce(datacl, acldefault('d', datdba)) as acl, take_over,
             ${isJoined(major, "current_user")} as mine
        from home join pg_roles on pg_roles.oid = datdba
      union all
      select 'schema public', pg_roles.oid, coalesce(nspacl, acldefault('n', nspowner)),
             case nspowner when pg_roles.oid then format('alter schema public owner to %I', $1::text) else take_over end,
             ${isJoined(major, "current_user")} or ${isJoinable(major, "current_user")}
        from home, pg_namespace, pg_roles
       where nspname = 'public' and pg_roles.oid = case nspowner when 'pg_database_owner'::regrole then datdba else nspowner end)
    select name as object, pg_get_userbyid(owner)::text as role, take_over as statement
      from object
     where not mine and (exists (select from aclexplode(acl) where grantee = 0)
                         or name like 'database %' and not has_database_privilege(current_database(), 'connect with grant option'))
    union
    select name, pg_get_userbyid(grantor), format('set role %I; revoke all on %s from public cascade; reset role', pg_get_userbyid(grantor), name)
      from home, object, aclexplode(acl)
     where grantee = 0 and grantor not in (owner, 'pg_database_owner'::regrole)
     order by 1, 2`;
}
