import type { Remedy } from "../leak";
import { quoted } from "../quoted";

/** Of the schema that an object is in; null where it is in none. */
export interface Enclosing {
  readonly schema: string | null;
  readonly schemaOwner: string | null;
  /** Whether the one who has to act may not even look into it. */
  readonly shut: boolean | null;
}

/**
 * A statement that `as` has to run, about something in a schema. Who owns or granted something in a schema that is closed to it cannot
 * name it there, and is let in for as long as that takes.
 */
export function within(as: string, statement: string, { schema, schemaOwner, shut }: Enclosing): Remedy[] {
  const remedy = { as, statement };
  if (!shut || schema === null || schemaOwner === null) return [remedy];
  const usage = `usage on schema ${quoted(schema)}`;
  const role = quoted(as);
  return [
    { as: schemaOwner, statement: `grant ${usage} to ${role}` },
    remedy,
    { as: schemaOwner, statement: `revoke ${usage} from ${role}` },
  ];
}

/** Who can act for others. */
export interface Acting {
  readonly adminUser: string;
  /** Names a superuser. */
  readonly superuser: string;
  /** Roles that have to be acted for and that the admin, as things are, cannot act for. */
  readonly lacking: readonly string[];
  /** Whether the admin may make itself a member of all of them. */
  readonly able: boolean;
}

/** A statement that needs the rights of several roles at once: of the admin as a member of theirs, or else of a superuser. */
export function onBehalf(statement: string, { adminUser, superuser, lacking, able }: Acting): Remedy[] {
  if (!able) return [{ as: superuser, statement }];
  if (lacking.length === 0) return [{ as: adminUser, statement }];
  const roles = lacking.map(quoted).join(", ");
  return [
    { as: adminUser, statement: `grant ${roles} to current_user with inherit true, set true` },
    { as: adminUser, statement },
    { as: adminUser, statement: `revoke ${roles} from current_user` },
  ];
}

/**
 * SQL of `lacking`, `able` and `superuser`, for roles given by their oid. A superuser can act for everybody, and nobody for a superuser.
 *
 * @param roles SQL of an array of oids.
 */
export function acting(roles: string): string {
  return `lateral (
    select coalesce(array_agg(rolname::text order by rolname) filter (where not usable), '{}') as lacking,
           coalesce(bool_and(usable or manageable), true) as able,
           pg_get_userbyid(10)::text as superuser
      from (select rolname, pg_has_role($4::text, oid, 'usage') and pg_has_role($4::text, oid, 'set') as usable,
                   pg_has_role($4::text, oid, 'member with admin option') and not rolsuper as manageable
              from pg_roles where oid = any (${roles})) as each)`;
}
