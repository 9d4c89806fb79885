import pLimit from "p-limit";
import type { Client } from "pg";
import { withAdminConnection } from "../../database/connection";
import { counted } from "../../domain/counted";
import { ALL } from "../live-lines";
import type { Output } from "../output";
import { adminTarget } from "../stack/admin-target";
import type { StackAccess } from "../stack/stack-access";
import { readLogins, type TenantLogin } from "../stack/tenant-environment";
import { readTargets } from "./attempts/targets";
import { groundOf } from "./ground";
import type { DatabaseTenant, Note } from "./leak";
import { logInAndTry, type TriedTenant } from "./log-in-and-try";
import { merged, type ProvenLeak } from "./merge";
import { PATIENCE, type Patience, queryWithin, STATEMENT_TIMEOUT } from "./patience";
import { survey } from "./survey";

/** The result of trying to get through every wall of a database. */
export interface Verification {
  readonly stack: string;
  readonly database: string;
  /** The tenants that this stack declares; they try. */
  readonly tenants: readonly TriedTenant[];
  /** The tenants of the database, of whichever stack; it is tried on them. */
  readonly victims: readonly DatabaseTenant[];
  readonly leaks: readonly ProvenLeak[];
  readonly notes: readonly Note[];
}

/** Sessions of tenants at once: few enough for the smallest server. */
export const AT_ONCE = 4;

/**
 * Names are looked up in the system's own schema, from the first query on; the server's own search path is what the session began with,
 * for the survey to see. Compiling queries that take milliseconds costs more than it gains, and the server ends what takes too long.
 */
const GUARDS = `set search_path = pg_catalog; set jit = off; set statement_timeout = '${STATEMENT_TIMEOUT}'; set lock_timeout = '2s'`;

/**
 * Proves that no tenant of a stack reaches another, or says where one does. The catalogs are read once as the admin; then every tenant
 * logs in as its server does, and tries. Nothing is left behind.
 *
 * @param output Its tasks tell of each tenant; without them, a line now and then says how many are done.
 * @throws ConnectionRefused, SessionSilent when the admin has no session. @throws Error when SSM cannot be asked.
 */
export async function verifyIsolation(
  access: StackAccess,
  { report, tasks }: Pick<Output, "report" | "tasks">,
  patience: Patience = PATIENCE,
): Promise<Verification> {
  const { stack, settings, declared, everyStack } = access;
  const prove = async (admin: Client): Promise<Verification> => {
    await queryWithin(patience.firstQueryTimeout, admin, GUARDS);
    const ground = await groundOf(admin, settings, everyStack);
    const reading = readLogins(
      access,
      declared.map(({ slug }) => slug),
    );
    // When the survey fails first, this failure must not end the process.
    reading.catch(() => {});
    const found = await survey(admin, ground, declared);
    const targets = await readTargets(admin, ground);
    const logins = await reading;
    let done = 0;
    tasks?.begun(ALL);
    const step = Math.ceil(logins.size / 10);
    // The admin's session stays open meanwhile: tenants must not see it in pg_stat_activity.
    const told = (slug: string, what: string) => tasks?.at(slug, what);
    const tryOne = async (slug: string, login: TenantLogin) => {
      tasks?.begun(slug);
      const tried = await logInAndTry(slug, login, { access, ground, targets, patience, told }).finally(() =>
        tasks?.ended(slug),
      );
      // One tenant may be out of reach; a server that no longer answers anybody is given up at once, not once for each tenant.
      if (!tried.complete) await queryWithin(patience.firstQueryTimeout, admin, "select 1");
      done += 1;
      if (tasks) tasks.at(ALL, `${done} of ${counted(logins.size, "tenant")}`, done / logins.size);
      else if (done % step === 0 || done === logins.size) report(`${done} of ${counted(logins.size, "tenant")}`);
      return tried;
    };
    const limit = pLimit(AT_ONCE);
    // Once it fails for one, no other is begun.
    const tenants = await limit
      .map(logins, ([slug, login]) => tryOne(slug, login))
      .finally(() => {
        limit.clearQueue();
        tasks?.ended(ALL);
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
  return withAdminConnection(adminTarget(access), prove, { ...patience, settings: { search_path: undefined } });
}

/** Sessions of several tenants may have led to the same note. */
function eachOnce(notes: readonly Note[]): Note[] {
  return [...new Map(notes.map((note) => [JSON.stringify(note), note])).values()];
}
