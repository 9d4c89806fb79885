import { createHash } from "node:crypto";

/** What the names of all tenants' roles begin with. */
const PREFIX = "b2b-tenants-";

/** IAM takes no longer name of a role. */
const MOST_CHARACTERS = 64;

/** Name of a tenant's role, of the policy in it, and of its instance profile. One too long ends in a hash of the whole. */
export function identityOf(stack: string, tenant: string): string {
  const full = `${PREFIX}${stack}-${tenant}`;
  if (full.length <= MOST_CHARACTERS) return full;
  const hash = `-${createHash("sha256").update(full).digest("hex").slice(0, 8)}`;
  return full.slice(0, MOST_CHARACTERS - hash.length) + hash;
}

/** Whether a role or instance profile of that name, or ARN, may be some tenant's. IAM keeps names apart without regard to case. */
export function isTenantIdentity(name: unknown): boolean {
  const text = String(name).toLowerCase();
  return text.slice(text.lastIndexOf("/") + 1).startsWith(PREFIX);
}
