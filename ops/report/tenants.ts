import { ROLE_PREFIX, SCHEMA_PREFIX } from "../../domain/names";
import { belongsTo } from "../../domain/tenants-of";
import type { StackAccess } from "../stack/stack-access";
import type { Read } from "./report-session";
import type { Role } from "./roles";

/** Stands for the fleet stack when seen from another stack, whose files do not name it. */
const FLEET = "(fleet)";

/** A tenant of the database, or one that this stack's files declare. */
export interface Tenant {
  readonly slug: string;
  readonly role: string;
  readonly schema: string;
  readonly hasRole: boolean;
  readonly hasSchema: boolean;
  /** The stack that its file names, or `(fleet)` for the fleet stack seen from another one; null when no file declares it. */
  readonly stack: string | null;
  /** Its file; null without one. */
  readonly file: string | null;
}

/** A tenant that a file declares. */
export interface DeclaredTenant {
  readonly file: string;
  /** As in `Tenant`. */
  readonly stack: string;
  /** Whether that is the stack which is looked at. */
  readonly own: boolean;
}

/** The tenants that files declare for any stack, by slug. */
export function declaredTenants({
  stack,
  settings,
  everyStack,
}: Pick<StackAccess, "stack" | "settings" | "everyStack">): Map<string, DeclaredTenant> {
  return new Map(
    everyStack.map(({ slug, file, stack: wanted }) => {
      const own = belongsTo(wanted, { stack, fleet: settings.fleet });
      return [slug, { file, own, stack: own ? stack : (wanted ?? FLEET) }];
    }),
  );
}

const SCHEMAS = "select nspname as schema from pg_namespace where starts_with(nspname, $1)";

/**
 * The tenants of a database: every schema or role whose name is a tenant's counts, also one that was made by hand.
 *
 * @param roles Includes all roles with such a name.
 */
export async function readTenants(
  read: Read,
  access: Pick<StackAccess, "stack" | "settings" | "everyStack">,
  roles: readonly Role[],
): Promise<Tenant[]> {
  const schemas = new Set((await read<{ schema: string }>(SCHEMAS, [SCHEMA_PREFIX])).map(({ schema }) => schema));
  const names = new Set(roles.map(({ name }) => name));
  const declared = declaredTenants(access);
  const slugs = new Set([
    ...[...declared].flatMap(([slug, { own }]) => (own ? [slug] : [])),
    ...[...schemas].map((name) => name.slice(SCHEMA_PREFIX.length)),
    ...[...names].flatMap((name) => (name.startsWith(ROLE_PREFIX) ? [name.slice(ROLE_PREFIX.length)] : [])),
  ]);
  slugs.delete("");
  return [...slugs].sort().map((slug) => {
    const [role, schema] = [`${ROLE_PREFIX}${slug}`, `${SCHEMA_PREFIX}${slug}`];
    const file = declared.get(slug);
    return {
      slug,
      role,
      schema,
      hasRole: names.has(role),
      hasSchema: schemas.has(schema),
      stack: file?.stack ?? null,
      file: file?.file ?? null,
    };
  });
}
