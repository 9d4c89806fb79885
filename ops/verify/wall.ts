import type { Leak } from "./leak";

/** The schema `public`. No slug has a space, so no tenant is taken for it, nor for what is next. */
export const SCHEMA_PUBLIC = "schema public";

/** All else that is no tenant's: the database, the admin, the server. */
export const SERVER = "the server";

/** What a leak gets through: the wall of a tenant, by its slug, or one of those that are nobody's. */
export function wallOf({ victim, schema }: Pick<Leak, "victim" | "schema">): string {
  return victim ?? (schema === "public" ? SCHEMA_PUBLIC : SERVER);
}
