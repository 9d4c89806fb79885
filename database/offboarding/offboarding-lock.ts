import pLimit from "p-limit";
import type { Client } from "pg";
import { printable } from "../../domain/printable";
import { withAdminLock } from "../admin-lock";

/** Removals read all of a tenant's rows: those of a whole stack at once would be too much for the neighbours' server. */
export const removals = pLimit(2);

/** Advisory locks of this kind, in the upper half of a lock's number; the role's oid is in the lower. */
const KIND = 0x62326274n;

/** Another run is at work on the same tenant: what it has done so far must not be undone. */
export class RemovalUnderWay extends Error {}

/**
 * Does the work while no other run removes the same tenant or lets it in, of this process or of another: a run that was killed may
 * have left a provider behind which is still backing up.
 *
 * @throws RemovalUnderWay
 */
export async function withRemovalLock<T>(admin: Client, role: string, work: () => Promise<T>): Promise<T> {
  const { rows } = await admin.query<{ oid: string }>("select oid from pg_roles where rolname = $1", [role]);
  const oid = rows[0]?.oid;
  // Without a role there is nobody to shut out, and nobody to let in.
  if (oid === undefined) return work();
  const refusal = (who: string) =>
    new RemovalUnderWay(
      `another run is at work on ${printable(role)} now (${who}): wait until it has ended, then run this again`,
    );
  return withAdminLock(admin, { key: (KIND << 32n) | BigInt(oid), isBrief: false, refusal }, work);
}
