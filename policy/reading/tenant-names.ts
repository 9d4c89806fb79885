const ROLE_PREFIX = "user_";
const SCHEMA_PREFIX = "schema_";

export function roleOf(tenant: string): string {
  return ROLE_PREFIX + tenant;
}

export function schemaOf(tenant: string): string {
  return SCHEMA_PREFIX + tenant;
}

/** Whether a role of that name is, or would become, some tenant's login. */
export function isTenantRole(name: unknown): boolean {
  return asInSql(name).startsWith(ROLE_PREFIX);
}

export function isTenantSchema(name: unknown): boolean {
  return asInSql(name).startsWith(SCHEMA_PREFIX);
}

/**
 * Whether the name means everybody. The provider quotes names, and even quoted `public` is PUBLIC to PostgreSQL, in these letters
 * alone; other spellings are refused too, since whoever writes them means everybody.
 */
export function isPublic(name: unknown): boolean {
  return /^[\s"']*public[\s"']*$/i.test(asInSql(name));
}

/** What reaches the server of a name: the provider's quoting ends it at a NUL. */
function asInSql(name: unknown): string {
  return String(name).split("\0", 1)[0] ?? "";
}
