import { isDeepStrictEqual } from "node:util";
import { type Client, DatabaseError, escapeIdentifier } from "pg";
import { dropScratchDatabase } from "../../database/backup/scratch/drop-scratch";
import { withAdminConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import { joiningOn, leaving } from "../../database/membership";
import { liftFence } from "../../database/offboarding/fence";
import { withRemovalLock } from "../../database/offboarding/offboarding-lock";
import { runInOneMessage } from "../../database/transaction";
import { counted } from "../../domain/counted";
import { roleName, scratchName } from "../../domain/names";
import { printable } from "../../domain/printable";
import { SECURITY_GROUP_TYPE } from "../../domain/resource-types";
import { adminTarget } from "../stack/admin-target";
import type { StackAccess, StackExport } from "../stack/stack-access";
import { finishSecurityGroup } from "./aws-leftovers";
import { type Plan, type Repair, repairsOf, type TakeIn } from "./plan";
import { isUnread, repairedState } from "./repaired-state";
import { described } from "./resource-names";

/** A schema is dropped before the role that owns it. */
const ORDER: readonly Repair["kind"][] = [
  "lift fence",
  "drop scratch database",
  "drop schema",
  "drop role",
  "take in",
  "read again",
];

/**
 * Carries out a plan. The database comes first, the list of interrupted operations is cleared last, and what is still to be read is
 * marked in the state: when this is killed at any moment, the next recovery finds what is left to do.
 *
 * @param planned The state that the plan was made from.
 * @param report Told what has been done, a line each.
 * @returns What could not be done, a line each.
 */
export async function repair(
  access: StackAccess,
  planned: StackExport,
  plan: Plan,
  report: (line: string) => void,
): Promise<readonly string[]> {
  await assertUnchanged(access, planned);
  const failures: string[] = [];
  const ofTheState: Repair[] = [];
  const repairs = [...repairsOf(plan)].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  await withAdminConnection(adminTarget(access), async (admin) => {
    for (const one of repairs) {
      const outcome = await repairDatabase(admin, access.settings.database.name, one);
      if (outcome === undefined) ofTheState.push(one);
      else if ("done" in outcome) report(outcome.done);
      else if ("failed" in outcome) failures.push(outcome.failed);
      else {
        report(outcome.why);
        ofTheState.push(outcome.instead);
      }
    }
  });
  if (plan.interrupted.length > 0 || ofTheState.length > 0) await repairState(access, planned, ofTheState, report);
  return failures;
}

async function repairState(
  access: StackAccess,
  planned: StackExport,
  repairs: readonly Repair[],
  report: (line: string) => void,
): Promise<void> {
  const takenIn = repairs.filter((one): one is TakeIn => one.kind === "take in");
  const again = repairs.flatMap((one) => (one.kind === "read again" ? [one.urn] : []));
  for (const { resource, id } of takenIn) {
    if (resource.type === SECURITY_GROUP_TYPE) await finishSecurityGroup(access.aws, id);
  }
  await assertUnchanged(access, planned);
  await access.importState(repairedState(planned, takenIn, new Set(again)));
  for (const { resource } of takenIn) report(`${described(resource)} is added to the state`);
  report("the list of interrupted operations is cleared");
  const urns = [...new Set([...takenIn.map(({ resource }) => resource.urn), ...again])];
  if (urns.length === 0) return;
  await access.refresh(urns);
  const { deployment } = await access.exportState();
  const unread = (deployment.resources ?? []).filter(isUnread);
  if (unread.length > 0) throw new Error(`not read again: ${unread.map(described).join(", ")}; run this again`);
  report(`${counted(urns.length, "resource")} read again`);
}

/** A plan is valid only for the state that it was made from. */
async function assertUnchanged(access: StackAccess, planned: StackExport): Promise<void> {
  const { resources, pending_operations } = (await access.exportState()).deployment;
  const before = planned.deployment;
  if (isDeepStrictEqual([resources, pending_operations], [before.resources, before.pending_operations])) return;
  throw new Error("the stack has been deployed in the meantime, and its state has changed: run this again");
}

/** SQLSTATE: something depends on what was to be dropped. It is no longer empty, or has never been. */
const DEPENDENT_OBJECTS = "2BP01";

/** The result of a repair of the database; `instead`: what is to be done in its place. */
type DatabaseResult =
  | { readonly done: string }
  | { readonly instead: Repair; readonly why: string }
  | { readonly failed: string };

/**
 * Carries out a repair of the database; undefined for a repair of the state. A killed run may have left a provider behind that is still
 * backing up: its tenant is left to it.
 */
async function repairDatabase(admin: Client, database: string, repair: Repair): Promise<DatabaseResult | undefined> {
  switch (repair.kind) {
    case "drop role":
      return dropping(`role ${repair.role}`, repair.otherwise, () => dropRole(admin, database, repair.role));
    case "drop schema":
      return dropping(`schema ${repair.schema}`, repair.otherwise, () => dropSchema(admin, repair));
    case "lift fence":
      return tried(`the fence of ${repair.role} is lifted`, () =>
        withRemovalLock(admin, repair.role, () => liftFence(admin, repair.role)),
      );
    case "drop scratch database":
      return tried(`scratch database ${scratchName(repair.slug)} is dropped`, () =>
        withRemovalLock(admin, roleName(repair.slug), () => dropScratchDatabase(admin, repair.slug)),
      );
    default:
      return undefined;
  }
}

/** PostgreSQL refuses to drop a role that owns anything in any database, or that has rights other than the one revoked here. */
function dropRole(admin: Client, database: string, role: string): Promise<void> {
  return runInOneMessage(admin, [
    `revoke all privileges on database ${escapeIdentifier(database)} from ${escapeIdentifier(role)}`,
    `drop role ${escapeIdentifier(role)}`,
  ]);
}

/** Without CASCADE, PostgreSQL refuses to drop a schema that anything is in. Dropping takes the owner's rights, for this moment. */
async function dropSchema(admin: Client, { schema, owner }: { schema: string; owner: string }): Promise<void> {
  const { rows } = await admin.query<{ own: boolean }>("select $1 = current_user as own", [owner]);
  const drop = `drop schema ${escapeIdentifier(schema)} restrict`;
  const asOwner = [await joiningOn(admin, owner), drop, leaving(escapeIdentifier(owner))];
  await runInOneMessage(admin, rows[0]?.own ? [drop] : asOwner);
}

async function dropping(
  what: string,
  otherwise: Repair | undefined,
  drop: () => Promise<void>,
): Promise<DatabaseResult> {
  try {
    await drop();
    return { done: `${what} is dropped` };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const why = `${what} is not dropped: ${withDetail(error)}`;
    return error.code === DEPENDENT_OBJECTS && otherwise !== undefined ? { instead: otherwise, why } : { failed: why };
  }
}

async function tried(done: string, work: () => Promise<unknown>): Promise<DatabaseResult> {
  try {
    await work();
    return { done };
  } catch (error) {
    return { failed: `not done: ${done}: ${withDetail(error)}` };
  }
}

/** The detail names the objects that stand in the way. */
function withDetail(error: unknown): string {
  const detail = error instanceof DatabaseError && error.detail;
  return detail ? `${errorMessage(error)}; ${printable(detail)}` : errorMessage(error);
}
