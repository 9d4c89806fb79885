import pRetry from "p-retry";
import { type Client, escapeIdentifier } from "pg";
import { scratchName } from "../../../domain/names";
import { join } from "../../membership";
import { takeGrantsAway } from "../../offboarding/rights-elsewhere";
import { withTransaction } from "../../transaction";

/** The comment of a role that this program made. A role's comment only its maker can write, so no tenant can forge it. */
export const SCRATCH_MARKER = "b2b-tenants: scratch copy of a tenant, dropped when its backup is verified";

const DROP_RETRIES = { retries: 4, minTimeout: 1_000, factor: 1 };

/** Of a role that is given rights again and again. */
const GRANT_RETRIES = { retries: 19, minTimeout: 50, factor: 1 };

/** Sessions of the server's own that are in the way: in use, or not the admin's to end. */
const IN_THE_WAY = new Set(["55006", "42501"]);

const DEPENDENT_OBJECTS = "2BP01";

/**
 * Drops a tenant's scratch database and its role, as far as a run that died has left them.
 *
 * @returns Whether there was anything to drop.
 * @throws Error when something of that name exists that this program did not make.
 */
export async function dropScratchDatabase(admin: Client, slug: string): Promise<boolean> {
  const name = scratchName(slug);
  const { rows } = await admin.query<{ role: string | null; database: string | null; marked: boolean; owned: boolean }>(
    `select r.rolname as role, d.datname as database, shobj_description(r.oid, 'pg_authid') = $2 as marked, d.datdba = r.oid as owned
       from (select $1::name as name) n left join pg_roles r on rolname = name left join pg_database d on datname = name`,
    [name, SCRATCH_MARKER],
  );
  const { role, database, marked, owned } = rows[0] ?? {};
  if (!role && !database) return false;
  if ((role && !marked) || (database && !owned)) {
    const what = role && !marked ? "role" : "database";
    throw new Error(
      `a ${what} ${name} exists that this program did not make, and it needs that name for a while: rename it, or drop it`,
    );
  }
  if (database) {
    await join(admin, name);
    await dropDatabase(admin, name);
  }
  await dropOwner(admin, name);
  return true;
}

/** Anybody may have given it rights, and could keep a tenant from being removed by that: they are taken away first. */
async function dropOwner(admin: Client, name: string): Promise<void> {
  const drop = () => admin.query(`drop role ${escapeIdentifier(name)}`);
  const withoutRights = () =>
    withTransaction(admin, async () => {
      await admin.query("set local lock_timeout = '10s'");
      await takeGrantsAway(admin, name);
      await drop();
    });
  await drop().catch((error: unknown) => {
    if (!hasRights(error)) throw error;
    return pRetry(withoutRights, { ...GRANT_RETRIES, shouldRetry: (attempt) => hasRights(attempt.error) });
  });
}

/** Whether a role cannot be dropped since something names it. */
function hasRights(error: unknown): boolean {
  return (error as { code?: string }).code === DEPENDENT_OBJECTS;
}

async function dropDatabase(admin: Client, name: string): Promise<void> {
  await pRetry(() => admin.query(`drop database ${escapeIdentifier(name)} with (force)`), {
    ...DROP_RETRIES,
    shouldRetry: ({ error }) => IN_THE_WAY.has((error as { code?: string }).code ?? ""),
  });
}
