import type { Client } from "pg";
import { withAdminConnection } from "../../database/connection";
import { adminTarget } from "../stack/admin-target";
import type { StackAccess } from "../stack/stack-access";
import { readLogins } from "../stack/tenant-environment";
import { atMost } from "./at-most";
import { readTargets } from "./attempts/targets";
import { groundOf } from "./ground";
import type { Note, TenantPlace } from "./leak";
import { logInAndTry, type TenantProof } from "./log-in-and-try";
import { merged, type ProvedLeak } from "./merge";
import { PATIENCE, type Patience, queryWithin, STATEMENT_TIMEOUT } from "./patience";
import { survey } from "./survey";

/** What came of trying to get through every wall of a database. */
export interface Proof {
  readonly stack: string;
  readonly database: string;
  /** The tenants that this stack declares: who tries. */
  readonly tenants: readonly TenantProof[];
  /** The tenants of the database, of whichever stack: whom it is tried on. */
  readonly victims: readonly TenantPlace[];
  readonly leaks: readonly ProvedLeak[];
  readonly notes: readonly Note[];
}

/** Sessions of tenants at once: few enough for the smallest server, and none of them is idle. */
export const AT_ONCE = 4;

/** Nothing is compiled for queries that take milliseconds, and the server ends what takes too long. */
const GUARDS = `set jit = off; set statement_timeout = '${STATEMENT_TIMEOUT}'; set lock_timeout = '2s'`;

/**
 * Proves that no tenant of a stack reaches another, or says where it does. The catalogs are read once as the admin; then every tenant
 * logs in as its server does, and tries. Nothing stays of it.
 *
 * @param report Takes a line on how far it is.
 * @throws ConnectionRefused, SessionSilent when the admin has no session. @throws Error when SSM cannot be asked.
 */
export async function proof(
  access: StackAccess,
  report: (line: string) => void,
  patience: Patience = PATIENCE,
): Promise<Proof> {
  const { stack, settings, declared, everyStack } = access;
  const prove = async (admin: Client): Promise<Proof> => {
    await queryWithin(patience.firstQueryTimeout, admin, GUARDS);
    const ground = await groundOf(admin, settings, everyStack);
    const reading = readLogins(
      access,
      declared.map(({ slug }) => slug),
    );
    // Whatever fails first is told; the other must not go unheard.
    reading.catch(() => {});
    const found = await survey(admin, ground, declared);
    const targets = await readTargets(admin, ground);
    const logins = await reading;
    let done = 0;
    const step = Math.ceil(logins.size / 10);
    // The admin's session goes on meanwhile: it is what a tenant must not see in pg_stat_activity.
    const tenants = await atMost(AT_ONCE, [...logins], async ([slug, login]) => {
      const tried = await logInAndTry(slug, login, { access, ground, targets, patience });
      // One tenant may be out of reach. A server that answers nobody any more is not waited for once for each of them.
      if (!tried.complete) await queryWithin(patience.firstQueryTimeout, admin, "select 1");
      done += 1;
      if (done % step === 0 || done === logins.size)
        report(`${done} of ${logins.size} ${logins.size === 1 ? "tenant" : "tenants"}`);
      return tried;
    });
    return {
      stack,
      database: ground.database,
      tenants,
      victims: ground.tenants,
      leaks: merged(found.leaks, tenants, ground),
      notes: eachOnce([...found.notes, ...tenants.flatMap(({ notes }) => notes)]),
    };
  };
  return withAdminConnection(adminTarget(access), prove, patience);
}

/** Every tenant may have the same to say. */
function eachOnce(notes: readonly Note[]): Note[] {
  return [...new Map(notes.map((note) => [JSON.stringify(note), note])).values()];
}
