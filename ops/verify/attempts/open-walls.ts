import { join } from "node:path";
import { type Client, DatabaseError } from "pg";
import { SqlFile } from "../../../database/sql-file";
import { UNTRUSTED_LANGUAGES } from "../catalog/server";
import type { Check, DatabaseTenant, Ground, Leak } from "../leak";
import type { Targets } from "./targets";

/** What a session's own privileges say that it could do beyond its walls; nothing of it is done. */
export interface OpenWalls {
  readonly leaks: readonly Leak[];
  /** Whether the session's role is a superuser, who is refused nothing. */
  readonly superuser: boolean;
  /** Walls that are down, by their names, for example `schema schema_b`: what is behind one is not tried. */
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

const OPEN_WALLS = new SqlFile<
  Row,
  "own_schema" | "admin" | "large_objects" | "extended" | "column_lists" | "untrusted_languages"
>(join(__dirname, "open-walls.sql"));
const SEEN_LISTING = new SqlFile<Row, "own_schema">(join(__dirname, "seen-listing.sql"));
const SEEN_ACTIVITY = new SqlFile<Row, "admin">(join(__dirname, "seen-activity.sql"));

/** Checks of rights by which tables come to be listed. */
const LISTED: ReadonlySet<Check> = new Set(["role attribute", "membership", "relation", "sequence", "column"]);

/** Checks that are about a role, and in no schema. */
const ABOUT_ROLES: ReadonlySet<Check> = new Set(["membership", "large object"]);

/**
 * Asks the catalogs, in the tenant's own session, what it may do outside its own schema. The server's own privilege functions
 * answer, so nobody else's code runs, whatever is open.
 */
export async function openWalls(
  client: Client,
  tenant: DatabaseTenant,
  ground: Ground,
  { largeObjects, extendedSchemas, columnLists }: Targets,
): Promise<OpenWalls> {
  const open = await OPEN_WALLS.rows(client, {
    own_schema: tenant.schema,
    admin: ground.adminUser,
    large_objects: largeObjects.map(({ oid }) => oid),
    extended: extendedSchemas,
    column_lists: columnLists,
    untrusted_languages: UNTRUSTED_LANGUAGES,
  });
  // What a role has no right to is not listed to it. In a new session the view asks of thousands of columns, one by one.
  const listed = open.some(({ check }) => LISTED.has(check))
    ? await unlessRefused(SEEN_LISTING.rows(client, { own_schema: tenant.schema }))
    : [];
  const own = ground.tenants.find(({ slug }) => slug === tenant.slug)?.role;
  const found = [...open, ...listed, ...(await unlessRefused(SEEN_ACTIVITY.rows(client, { admin: ground.adminUser })))];
  // A second login is a member of its tenant's role.
  const rows = found.filter(({ check, place }) => check !== "membership" || place !== own);
  const down = new Set(rows.map(({ wall }) => wall));
  const slugs = new Map(
    ground.tenants.flatMap(({ slug, schema, role, secondLogin = role }) =>
      [schema, role, secondLogin].map((name) => [name, slug] as const),
    ),
  );
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
    superuser: down.has("superuser"),
    down,
    memberOf: rows.flatMap(({ check, place }) => (check === "membership" && place !== null ? [place] : [])),
  };
}

/** A server may have taken from everybody the view that would show something; then it shows nothing. */
function unlessRefused(rows: Promise<Row[]>): Promise<Row[]> {
  return rows.catch((error: unknown) => {
    if (error instanceof DatabaseError && error.code === "42501") return [];
    throw error;
  });
}
