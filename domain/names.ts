import { createHash } from "node:crypto";

/** `schema_` and 56 characters fill the 63 bytes that PostgreSQL keeps of an identifier; a longer one would be cut silently. */
export const MAX_SLUG_LENGTH = 56;

/** No hyphen: it is what separates the parts of AWS names, so no two tenants can ever share one. */
export const SLUG_PATTERN = /^[a-z][a-z0-9_]*$/;

/** What Pulumi itself accepts as the name of a stack. */
export const STACK_PATTERN = /^[A-Za-z0-9_.-]{1,100}$/;

/** What stands before the slug in names of AWS's. No hyphen, as in a slug. */
export const ENVIRONMENT_PATTERN = /^[a-z][a-z0-9_]{0,29}$/;

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

const SECOND_LOGIN_PREFIX = "user2_";

/** The login that takes turns with the tenant's role, and acts as it: `user2_farmacruz`. No slug makes it another tenant's role. */
export function secondLoginName(slug: string): string {
  return `${SECOND_LOGIN_PREFIX}${checked(slug)}`;
}

/** The tenant's role that a login of this name acts as; undefined when it is no second login's name. */
export function roleOfSecondLogin(name: string): string | undefined {
  const slug = name.slice(SECOND_LOGIN_PREFIX.length);
  return name.startsWith(SECOND_LOGIN_PREFIX) && isSlug(slug) ? roleName(slug) : undefined;
}

/** The names that the logins of a tenant's role have: its own, and the second's. */
export function loginNames(role: string): string[] {
  const slug = slugOfRole(role);
  return slug === undefined ? [role] : [role, secondLoginName(slug)];
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
export function ssmPath(environment: string, slug: string): string {
  return `/b2b-tenants/${checkedEnvironment(environment)}/${checked(slug)}/env`;
}

/** Name of the tenant's IAM role, policy and instance profile: `b2b-tenants-prod-farmacruz`. */
export function iamName(environment: string, slug: string): string {
  return fitting(`b2b-tenants-${checkedEnvironment(environment)}-${checked(slug)}`, MAX_IAM_NAME_LENGTH);
}

/** Name of the CloudWatch alarm on a tenant's server: `b2b-tenants-prod-farmacruz-status`. */
export function serverAlarmName(environment: string, slug: string): string {
  return `b2b-tenants-${checkedEnvironment(environment)}-${checked(slug)}-status`;
}

/** Name of a CloudWatch alarm on a database, by the identifier of its RDS instance: `b2b-tenants-prod-b2b-platform-cpu`. */
export function databaseAlarmName(environment: string, instance: string, purpose: string): string {
  return `b2b-tenants-${checkedEnvironment(environment)}-${instance}-${purpose}`;
}

/** Name of the topic that the alarms of a database and of its tenants' servers go to: `b2b-tenants-prod-b2b-platform-alarms`. */
export function topicName(environment: string, instance: string): string {
  return `b2b-tenants-${checkedEnvironment(environment)}-${instance}-alarms`;
}

/**
 * Name of the security group that the servers of all tenants of a database are in: `b2b-tenants-prod-servers-0a1b2c3d`. The digits tell databases
 * apart, whose own names may hold what AWS does not take.
 */
export function serverGroupName(
  environment: string,
  { host, port, name }: { readonly host: string; readonly port: number; readonly name: string },
): string {
  return `b2b-tenants-${checkedEnvironment(environment)}-servers-${shortHash(`${host}:${port}/${name}`)}`;
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

function checkedEnvironment(environment: string): string {
  if (ENVIRONMENT_PATTERN.test(environment)) return environment;
  throw new Error(`not the name of an environment: ${JSON.stringify(environment.slice(0, 100))}`);
}
