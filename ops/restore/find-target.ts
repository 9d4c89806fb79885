import type { Client } from "pg";
import { fencedRoles } from "../../database/offboarding/fence";
import type { ConnectionTarget } from "../../domain/connection-string";
import { roleName, schemaName, ssmPath } from "../../domain/names";
import type { StackAccess } from "../stack/stack-access";
import { expectedLogin, readLogins } from "../stack/tenant-environment";

/** The tenant that a backup is restored into. */
export interface TargetTenant {
  readonly slug: string;
  readonly schema: string;
  readonly role: string;
  /** Its own login, as its server has it. */
  readonly login: ConnectionTarget;
}

/**
 * Looks a tenant up in SSM, where its server gets its login, and in the database.
 *
 * @throws Error when it is no tenant of the stack, or is fenced; the message never contains the password.
 */
export async function findTarget(access: StackAccess, admin: Client, slug: string): Promise<TargetTenant> {
  const [schema, role] = [schemaName(slug), roleName(slug)];
  const login = await loginOf(access, slug);
  const { rowCount } = await admin.query(
    "select from pg_namespace join pg_roles r on r.oid = nspowner where nspname = $1 and rolname = $2",
    [schema, role],
  );
  if (!rowCount) throw notThere(access, slug, `its server has a login, but the database has no ${schema} of ${role}`);
  const fencedSince = (await fencedRoles(admin)).get(role);
  if (fencedSince !== undefined) {
    throw new Error(
      `tenant ${slug} has been fenced since ${fencedSince}, for its offboarding: run \`up\`, which lets it in, then run this again`,
    );
  }
  return { slug, schema, role, login };
}

async function loginOf(access: StackAccess, slug: string): Promise<ConnectionTarget> {
  const login = (await readLogins(access, [slug])).get(slug);
  if (login === undefined || ("problem" in login && login.missing)) {
    throw notThere(access, slug, `SSM has no ${ssmPath(access.settings.environment, slug)}/DATABASE_URL`);
  }
  return expectedLogin(access, slug, login);
}

function notThere({ stack }: Pick<StackAccess, "stack">, slug: string, found: string): Error {
  return new Error(
    `there is no tenant ${slug} in stack ${stack} (${found}). A backup can only be restored into a tenant that exists: ` +
      `add tenants/${slug}.yaml, run \`up\` (\`up --refresh\` if it is there and its parameters were deleted), then run this again`,
  );
}
