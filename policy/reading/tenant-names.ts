/** What is named after a tenant. The pack has these names in its own words, so that a change of the program's is noticed. */
import { createHash } from "node:crypto";

const ROLE_PREFIX = "user_";
const SECOND_LOGIN_PREFIX = "user2_";
const SCHEMA_PREFIX = "schema_";

/** IAM takes no longer name of a role. */
const MAX_IDENTITY_LENGTH = 64;

export function roleOf(tenant: string): string {
  return ROLE_PREFIX + tenant;
}

/** The login that takes turns with the role, and acts as it. */
export function secondLoginOf(tenant: string): string {
  return SECOND_LOGIN_PREFIX + tenant;
}

export function schemaOf(tenant: string): string {
  return SCHEMA_PREFIX + tenant;
}

/** Path of the tenant's parameters, without a slash at its end. */
export function envPathOf(environment: string, tenant: string): string {
  return `/b2b-tenants/${environment}/${tenant}/env`;
}

/** Name of a tenant's IAM role, of the policy in it, and of its instance profile. One that is too long ends in a hash of the whole. */
export function identityOf(environment: string, tenant: string): string {
  const full = `b2b-tenants-${environment}-${tenant}`;
  if (full.length <= MAX_IDENTITY_LENGTH) return full;
  const hash = `-${createHash("sha256").update(full).digest("hex").slice(0, 8)}`;
  return full.slice(0, MAX_IDENTITY_LENGTH - hash.length) + hash;
}

/** Whether a role of that name is, or would become, some tenant's login. */
export function isTenantRole(name: unknown): boolean {
  return [ROLE_PREFIX, SECOND_LOGIN_PREFIX].some((prefix) => asInSql(name).startsWith(prefix));
}

export function isTenantSchema(name: unknown): boolean {
  return asInSql(name).startsWith(SCHEMA_PREFIX);
}

/** The part of a name that reaches the server: the provider's quoting ends it at a NUL. */
export function asInSql(name: unknown): string {
  return String(name).split("\0", 1)[0] ?? "";
}
