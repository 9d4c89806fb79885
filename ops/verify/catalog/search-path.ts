import { escapeLiteral } from "pg";
import type { Leak, Remedy } from "../leak";
import { quoted } from "../quoted";
import type { RoleSettings } from "./settings";

/**
 * Tenants whose sessions look names up elsewhere than in their own schema alone. Without a setting of the role's own, what the database
 * or the server says counts: by default `public` too.
 */
export function searchPaths(roles: readonly RoleSettings[], database: string): Leak[] {
  return roles.flatMap((role) => {
    const { schema, keeper, here, everywhere } = role;
    if (schema === null) return [];
    const own = (path: string | undefined) => path !== undefined && isOwn(path, schema);
    if (own(here.search_path ?? everywhere.search_path)) return [];
    const name = quoted(role.role);
    const closes: Remedy[] = [];
    if (here.search_path !== undefined) {
      const place = quoted(database);
      closes.push({ as: keeper, statement: `alter role ${name} in database ${place} reset search_path` });
    }
    if (!own(everywhere.search_path)) {
      closes.push({ as: keeper, statement: `alter role ${name} set search_path to ${quoted(schema)}` });
    }
    return {
      check: "search path" as const,
      role: role.role,
      victim: undefined,
      object: `search_path of role ${quoted(role.role)}`,
      statement: `select setdatabase, setconfig from pg_db_role_setting where setrole in (0, ${escapeLiteral(name)}::regrole)`,
      closes,
    };
  });
}

/** Its schema alone; the server's own is searched in any case, and may be named. */
function isOwn(path: string, schema: string): boolean {
  const parts = path.split(",").map((part) => part.trim().replace(/^"(.*)"$/, "$1"));
  const others = parts.filter((part) => part !== "pg_catalog");
  return others.length === 1 && others[0] === schema;
}
