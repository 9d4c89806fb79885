import { belongsTo } from "../../domain/tenants-of";
import type { StackAccess } from "../stack/stack-access";
import type { Read } from "./reading-session";
import type { Role } from "./roles";

/** The fleet stack, as seen from another one: nothing there says its name. */
const FLEET = "(fleet)";

/** A tenant of the database, or one that this stack's files declare. */
export interface Tenant {
  readonly slug: string;
  readonly role: string;
  readonly schema: string;
  readonly hasRole: boolean;
  readonly hasSchema: boolean;
  /** The stack that its file is for, `(fleet)` for the fleet's seen from another; null when no file declares it. */
  readonly stack: string | null;
  /** Its file; null without one. */
  readonly file: string | null;
}

/** Schemas that are named like a tenant's. */
const SCHEMAS = "select nspname as schema from pg_namespace where starts_with(nspname, 'schema_')";

const [SCHEMA, USER] = ["schema_", "user_"];

/**
 * Whatever is named as the program names a tenant's schema or role is one: what was made by hand after the guide, too.
 *
 * @param roles All roles of such a name are among them.
 */
export async function readTenants(
  read: Read,
  access: Pick<StackAccess, "stack" | "settings" | "everyStack">,
  roles: readonly Role[],
): Promise<Tenant[]> {
  const schemas = new Set((await read<{ schema: string }>(SCHEMAS)).map(({ schema }) => schema));
  const names = new Set(roles.map(({ name }) => name));
  const { stack, settings, everyStack } = access;
  const declared = new Map(
    everyStack.map(({ slug, file, stack: wanted }) => {
      const own = belongsTo(wanted, { stack, fleet: settings.fleet });
      return [slug, { file, own, stack: own ? stack : (wanted ?? FLEET) }];
    }),
  );
  const slugs = new Set([
    ...[...declared].flatMap(([slug, { own }]) => (own ? [slug] : [])),
    ...[...schemas].map((name) => name.slice(SCHEMA.length)),
    ...[...names].flatMap((name) => (name.startsWith(USER) ? [name.slice(USER.length)] : [])),
  ]);
  slugs.delete("");
  return [...slugs].sort().map((slug) => {
    const [role, schema] = [`${USER}${slug}`, `${SCHEMA}${slug}`];
    const file = declared.get(slug);
    return {
      ...{ slug, role, schema, hasRole: names.has(role), hasSchema: schemas.has(schema) },
      ...{ stack: file?.stack ?? null, file: file?.file ?? null },
    };
  });
}
