import { withConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import { roleName, schemaName } from "../../domain/names";
import { printable } from "../../domain/printable";
import type { StackAccess } from "../stack/stack-access";
import type { TenantLogin } from "../stack/tenant-environment";
import type { Targets } from "./attempts/targets";
import { type Tried, tryTenant } from "./attempts/try-tenant";
import type { Ground, Leak, Remedy, TenantPlace } from "./leak";
import { type Patience, STATEMENT_TIMEOUT } from "./patience";

/** What came of one tenant. */
export interface TenantProof extends Tried, TenantPlace {
  /** Why it could not log in; undefined when it could. */
  readonly problem: string | undefined;
}

/** What a login needs to be tried, the same for every tenant. */
export interface Field {
  readonly access: Pick<StackAccess, "settings" | "stack">;
  readonly ground: Ground;
  readonly targets: Targets;
  readonly patience: Patience;
}

const UNTRIED = { attempts: 0, refused: 0, complete: false, memberOf: [], notes: [] };

/** Logs in as a tenant's server does, and tries. A tenant that cannot log in is a finding, and the others are not held up by it. */
export async function logInAndTry(slug: string, login: TenantLogin, field: Field): Promise<TenantProof> {
  const tenant: TenantPlace = { slug, schema: schemaName(slug), role: roleName(slug) };
  const { access, ground, targets, patience } = field;
  if ("problem" in login) return refused(tenant, `${login.problem}; run \`up\``);
  // A login that is not the tenant's own must not be used: it might be the admin's.
  if (login.user !== tenant.role) {
    return refused(
      tenant,
      `its server logs in as ${printable(login.user)}: run \`up\`, which writes its parameters anew`,
    );
  }
  const fenced = targets.fenced.get(tenant.role);
  if (fenced !== undefined) {
    return refused(
      tenant,
      `a removal has shut it out since ${printable(fenced)}: with its file \`up\` lets it in, without it the removal goes on`,
    );
  }
  if (targets.roles.get(tenant.role) === false) {
    return refused(tenant, `${tenant.role} may not log in: somebody has shut it out by hand`, [
      { as: ground.adminUser, statement: `alter role ${tenant.role} login` },
    ]);
  }
  const { host, port, name: database, sslmode } = access.settings.database;
  try {
    const tried = await withConnection(
      { ...login, host, port, database, sslmode },
      (client) => tryTenant(client, tenant, ground, targets),
      { ...patience, settings: settingsOf(targets) },
    );
    return { ...tenant, ...tried, problem: undefined };
  } catch (error) {
    return refused(tenant, errorMessage(error));
  }
}

/** The server loses its patience first. What came with PostgreSQL 17 a tenant may set for its role, and it would end the session. */
function settingsOf({ serverVersion }: Targets): Record<string, string> {
  return { statement_timeout: STATEMENT_TIMEOUT, ...(serverVersion >= 170000 ? { transaction_timeout: "0" } : {}) };
}

function refused(tenant: TenantPlace, problem: string, closes: readonly Remedy[] = []): TenantProof {
  const leak: Leak = {
    check: "login",
    role: tenant.role,
    victim: undefined,
    object: `login of ${tenant.role}`,
    statement: `select rolcanlogin, rolconnlimit, rolvaliduntil from pg_roles where rolname = '${tenant.role}'`,
    closes,
    hint: `nothing was tried as ${tenant.slug}: ${problem}`,
  };
  return { ...tenant, ...UNTRIED, leaks: [leak], problem };
}
