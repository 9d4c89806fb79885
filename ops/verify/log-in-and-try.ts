import { withConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import { roleName, schemaName } from "../../domain/names";
import { printable } from "../../domain/printable";
import { type Message, message } from "../message";
import type { StackAccess } from "../stack/stack-access";
import type { TenantLogin } from "../stack/tenant-environment";
import type { Targets } from "./attempts/targets";
import { type Tried, tryTenant } from "./attempts/try-tenant";
import type { DatabaseTenant, Ground, Leak, Remedy } from "./leak";
import { type Patience, STATEMENT_TIMEOUT } from "./patience";

/** The result of one tenant's login and attempts. */
export interface TriedTenant extends Tried, DatabaseTenant {
  /** Why it could not log in; undefined when it could. */
  readonly problem: Message | undefined;
}

/** What is the same for every tenant. */
export interface TryContext {
  readonly access: Pick<StackAccess, "settings" | "stack">;
  readonly ground: Ground;
  readonly targets: Targets;
  readonly patience: Patience;
  /** Told what is being done with a tenant. */
  readonly told: (slug: string, what: string) => void;
}

const UNTRIED = { attempts: 0, refused: 0, complete: false, superuser: false, memberOf: [], notes: [] };

/** Logs in as a tenant's server does, and tries. A tenant that cannot log in is a leak of its own, and does not hold up the others. */
export async function logInAndTry(slug: string, login: TenantLogin, context: TryContext): Promise<TriedTenant> {
  const named: DatabaseTenant = { slug, schema: schemaName(slug), role: roleName(slug) };
  const { access, ground, targets, patience, told } = context;
  const known = ground.tenants.find((one) => one.slug === slug);
  const isSecond = !("problem" in login) && login.user === known?.secondLogin;
  // By whichever login its server has: the second one as itself, which may do all that the role may.
  const tenant = isSecond ? { ...named, role: login.user } : named;
  if ("problem" in login) return refused(tenant, message("noParameter", { words: login.problem }));
  // A login that is not the tenant's own must not be used: it might be the admin's.
  if (login.user !== tenant.role) {
    return refused(tenant, message("otherLogin", { login: printable(login.user) }));
  }
  const fenced = targets.fenced.get(named.role);
  if (fenced !== undefined) {
    return refused(tenant, message("isFenced", { since: printable(fenced) }));
  }
  if (targets.roles.get(tenant.role) === false) {
    return refused(tenant, message("nologin", { role: tenant.role }), [
      { as: ground.adminUser, statement: `alter role ${tenant.role} login` },
    ]);
  }
  const { host, port, name: database, sslmode } = access.settings.database;
  told(slug, "logging in");
  try {
    const tried = await withConnection(
      { ...login, host, port, database, sslmode },
      (client) => tryTenant(client, tenant, { ground, targets, told: (what) => told(slug, what) }),
      { ...patience, settings: { statement_timeout: STATEMENT_TIMEOUT, role: "none" } },
    );
    return { ...tenant, ...tried, problem: undefined };
  } catch (error) {
    return refused(tenant, message("words", { words: errorMessage(error) }));
  }
}

function refused(tenant: DatabaseTenant, problem: Message, closes: readonly Remedy[] = []): TriedTenant {
  const leak: Leak = {
    check: "login",
    role: tenant.role,
    victim: undefined,
    object: `login of ${tenant.role}`,
    statement: `select rolcanlogin, rolconnlimit, rolvaliduntil from pg_roles where rolname = '${tenant.role}'`,
    closes,
    hint: message("nothingTried", { tenant: tenant.slug, why: problem }),
  };
  return { ...tenant, ...UNTRIED, leaks: [leak], problem };
}
