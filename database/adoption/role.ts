/** Differences of a tenant made by hand: its role's attributes, memberships and settings. */
import { type Client, escapeIdentifier } from "pg";
import { administering, expellers, expelling, isJoinable } from "../membership";
import { majorOf } from "../server-version";
import type { Difference, FindDifferences, HandMade } from "./difference";

/** A role that was made before PostgreSQL 16, or by another than the admin, may be out of the admin's hands. */
async function administration(admin: Client, { role, roleOid }: HandMade): Promise<Difference[]> {
  const major = await majorOf(admin);
  const { rows } = await admin.query<{ able: boolean }>(
    `select ${isJoinable(major, "current_user")} or (select rolsuper from pg_roles where rolname = current_user) as able
       from pg_roles where oid = $1`,
    [roleOid],
  );
  if (rows[0]?.able) return [];
  const self = admin.user ?? "";
  return [
    {
      what: `${self} may not administer ${role}; this is for a superuser, or for whoever made the role, to run`,
      statement: administering(major, role, self),
      as: [],
    },
  ];
}

const ATTRIBUTES = ["superuser", "createdb", "createrole", "replication", "bypassrls"] as const;

async function attributes(admin: Client, { role, roleOid }: HandMade): Promise<Difference[]> {
  const { rows } = await admin.query<Record<(typeof ATTRIBUTES)[number], boolean>>(
    `select rolsuper as superuser, rolcreatedb as createdb, rolcreaterole as createrole, rolreplication as replication,
            rolbypassrls as bypassrls from pg_roles where oid = $1`,
    [roleOid],
  );
  return ATTRIBUTES.filter((attribute) => rows[0]?.[attribute]).map((attribute) => ({
    what: `role ${role} has the attribute ${attribute.toUpperCase()}`,
    statement: `alter role ${escapeIdentifier(role)} no${attribute}`,
    as: [],
  }));
}

/**
 * Memberships either way. The admin's own are none: neither the one that PostgreSQL gives the maker of a role, which conveys no
 * rights, nor one that it gave itself, which the guard takes back; before PostgreSQL 16 the guard takes back whoever's.
 */
const MEMBERSHIPS = `
  select pg_get_userbyid(roleid)::text as role, pg_get_userbyid(member)::text as member, pg_get_userbyid(grantor)::text as grantor
    from pg_auth_members m
   where member = $1
      or roleid = $1 and (pg_get_userbyid(member) <> current_user
                          or 'true' = any (array[to_jsonb(m) ->> 'inherit_option', to_jsonb(m) ->> 'set_option'])
                             and pg_get_userbyid(grantor) <> current_user)
   order by 1, 2, 3`;

async function memberships(admin: Client, { roleOid }: HandMade): Promise<Difference[]> {
  const { rows } = await admin.query<{ role: string; member: string; grantor: string }>(MEMBERSHIPS, [roleOid]);
  const major = await majorOf(admin);
  return rows.map(({ role, member, grantor }) => {
    const [of, to, by] = [role, member, grantor].map(escapeIdentifier);
    return {
      what: `${member} is a member of ${role}, by a grant of ${grantor}`,
      statement:
        member === admin.user
          ? // The right to administer the role may hang on it, and stays.
            `grant ${of} to ${to} with inherit false, set false granted by ${by}`
          : expelling(major, role, member, grantor),
      as: expellers(major, grantor),
    };
  });
}

/** Settings for all databases that the Role sets anew. */
const OWN_SETTINGS = new Set(["search_path", "statement_timeout", "idle_in_transaction_session_timeout"]);

const SETTINGS = `
  select datname as database, split_part(setting, '=', 1) as name, substr(setting, strpos(setting, '=') + 1) as value
    from pg_db_role_setting left join pg_database on pg_database.oid = setdatabase, unnest(setconfig) as setting
   where setrole = $1
   order by 1 nulls first, 2`;

/** Values are not shown: people keep secrets in settings. */
async function settings(admin: Client, { role, roleOid }: HandMade): Promise<Difference[]> {
  const { rows } = await admin.query<{ database: string | null; name: string; value: string }>(SETTINGS, [roleOid]);
  return rows.flatMap(({ database, name, value }) => {
    const replaced = database === null && OWN_SETTINGS.has(name);
    const unit = replaced && name !== "search_path" && !/^\d+$/.test(value);
    if (replaced && !unit) return [];
    const place = database === null ? "" : ` in database ${escapeIdentifier(database)}`;
    const why = unit ? " with a unit, which the provider cannot read" : place === "" ? "" : ` in database ${database}`;
    return {
      what: `role ${role} sets ${name}${why}`,
      statement: `alter role ${escapeIdentifier(role)}${place} reset ${escapeIdentifier(name)}`,
      as: [],
    };
  });
}

/** The role is more than a login, is a member of others or has members, or brings settings along. */
export const ROLE_KINDS: readonly FindDifferences[] = [administration, attributes, memberships, settings];
