import { createHash } from "node:crypto";

/** `schema_` and 56 characters fill the 63 bytes that PostgreSQL keeps of an identifier; a longer one would be cut silently. */
export const MAX_SLUG_LENGTH = 56;

/** No hyphen: the last one in an IAM name separates stack from slug, so no two tenants can ever share a name. */
export const SLUG_PATTERN = /^[a-z][a-z0-9_]*$/;

/** What Pulumi itself accepts as the name of a stack. */
export const STACK_PATTERN = /^[A-Za-z0-9_.-]{1,100}$/;

/** In bytes; the longest slug makes a longer scratch name. */
const MAX_POSTGRES_NAME_LENGTH = 63;

/** IAM's limit for the name of a role, the shortest of those that carry `iamName`. */
const MAX_IAM_NAME_LENGTH = 64;

/** Whether a text may become part of database, SSM and IAM names. */
export function isSlug(text: string): boolean {
  return text.length <= MAX_SLUG_LENGTH && SLUG_PATTERN.test(text);
}

export const ROLE_PREFIX = "user_";

export const SCHEMA_PREFIX = "schema_";

/** The tenant's login role: `user_farmacruz`. */
export function roleName(slug: string): string {
  return `${ROLE_PREFIX}${checked(slug)}`;
}

/** The slug of the tenant whose login role has this name; undefined when it is no tenant's name. */
export function slugOfRole(name: string): string | undefined {
  const slug = name.slice(ROLE_PREFIX.length);
  return name.startsWith(ROLE_PREFIX) && isSlug(slug) ? slug : undefined;
}

/** The tenant's schema: `schema_farmacruz`. */
export function schemaName(slug: string): string {
  return `${SCHEMA_PREFIX}${checked(slug)}`;
}

/** The slug of the tenant whose schema has this name; undefined when it is no tenant's name. */
export function slugOfSchema(name: string): string | undefined {
  const slug = name.slice(SCHEMA_PREFIX.length);
  return name.startsWith(SCHEMA_PREFIX) && isSlug(slug) ? slug : undefined;
}

/** The database that a backup is tried out in, and the role that owns it: `scratch_farmacruz`. */
export function scratchName(slug: string): string {
  return fitting(`scratch_${checked(slug)}`, MAX_POSTGRES_NAME_LENGTH);
}

/** Where the tenant's `.env` is kept, one parameter per key under it, without a trailing slash: `/b2b-tenants/prod/farmacruz/env`. */
export function ssmPath(stack: string, slug: string): string {
  return `/b2b-tenants/${checkedStack(stack)}/${checked(slug)}/env`;
}

/** Name of the tenant's IAM role, policy and instance profile: `b2b-tenants-prod-farmacruz`. */
export function iamName(stack: string, slug: string): string {
  return fitting(`b2b-tenants-${checkedStack(stack)}-${checked(slug)}`, MAX_IAM_NAME_LENGTH);
}

/** Name of a CloudWatch alarm: `b2b-tenants-prod-cpu`. Of a tenant's server: `b2b-tenants-prod-farmacruz-status`. */
export function alarmName(stack: string, purpose: string, slug?: string): string {
  const owner = slug === undefined ? checkedStack(stack) : `${checkedStack(stack)}-${checked(slug)}`;
  return `b2b-tenants-${owner}-${purpose}`;
}

/**
 * Name of the topic that a stack's alarms go to: `b2b-tenants-prod-alarms`. SNS takes no dot, and gives two stacks that ask for
 * one name the same topic: a name that had to be changed carries the hash of the whole.
 */
export function topicName(stack: string): string {
  const full = `b2b-tenants-${checkedStack(stack)}-alarms`;
  return full.includes(".") ? `${full.replaceAll(".", "_")}-${shortHash(full)}` : full;
}

/** A name that is too long is cut, and the hash of the whole keeps it unique: no slug has a hyphen. */
function fitting(full: string, most: number): string {
  if (full.length <= most) return full;
  const hash = shortHash(full);
  return `${full.slice(0, most - hash.length - 1)}-${hash}`;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** Tenant files are checked long before; this guards the names against a caller that skipped the check. */
function checked(slug: string): string {
  if (!isSlug(slug)) throw new Error(`not a slug: ${JSON.stringify(slug.slice(0, MAX_SLUG_LENGTH))}`);
  return slug;
}

function checkedStack(stack: string): string {
  if (!STACK_PATTERN.test(stack)) throw new Error(`not the name of a stack: ${JSON.stringify(stack.slice(0, 100))}`);
  return stack;
}
