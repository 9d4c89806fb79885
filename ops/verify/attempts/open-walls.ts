import type { Client } from "pg";
import type { Check, Ground, Leak, TenantPlace } from "../leak";
import { SYSTEM_QUESTIONS } from "./system-questions";
import type { Targets } from "./targets";
import { TENANT_QUESTIONS } from "./tenant-questions";

/** What a session's own privileges say that it could do beyond its walls; nothing of it is done. */
export interface OpenWalls {
  readonly leaks: readonly Leak[];
  /** Walls that are down, by their names, as `schema schema_b`: what is behind one is not tried. */
  readonly down: ReadonlySet<string>;
  /** Roles that the session's role is a member of, directly or not. */
  readonly memberOf: readonly string[];
}

interface Row {
  readonly check: Check;
  readonly wall: string;
  /** Name of the schema or the role that it is about; null when it is about the server. */
  readonly place: string | null;
  readonly object: string;
  readonly statement: string;
  readonly closer: string;
  readonly remedy: string | null;
}

/** What is about a role and in no schema. */
const ABOUT_ROLES: ReadonlySet<Check> = new Set(["membership", "large object"]);

/**
 * Asks the catalogs, in the tenant's own session, what it may do outside its own schema. The server's own privilege functions
 * answer, so nobody else's code runs, whatever is open.
 */
export async function openWalls(
  client: Client,
  tenant: TenantPlace,
  ground: Ground,
  { largeObjects }: Targets,
): Promise<OpenWalls> {
  const questions = [...TENANT_QUESTIONS, ...SYSTEM_QUESTIONS].join("\nunion all\n");
  const { rows } = await client.query<Row>(
    `with given as (select $1::name as own_schema, $2::name as admin, session_user as me, $3::oid[] as large_objects)
     select "check", wall, place::text, object, statement, closer::text, remedy from (${questions})
       as open ("check", wall, place, object, statement, closer, remedy)
      order by "check" = 'schema' desc, "check", place, object`,
    [tenant.schema, ground.adminUser, largeObjects.map(({ oid }) => oid)],
  );
  const slugs = new Map(ground.tenants.flatMap(({ slug, schema, role }) => [[schema, slug] as const, [role, slug]]));
  return {
    leaks: rows.map(({ check, place, object, statement, closer, remedy }) => ({
      check,
      role: tenant.role,
      victim: place === null ? undefined : slugs.get(place),
      schema: place === null || ABOUT_ROLES.has(check) ? undefined : place,
      object,
      statement,
      closes: remedy === null ? [] : [{ as: closer, statement: remedy }],
    })),
    down: new Set(rows.map(({ wall }) => wall)),
    memberOf: rows.flatMap(({ check, place }) => (check === "membership" && place !== null ? [place] : [])),
  };
}
