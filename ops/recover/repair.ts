import { isDeepStrictEqual } from "node:util";
import { withAdminConnection } from "../../database/connection";
import { adminTarget } from "../stack/admin-target";
import type { StackAccess, StackExport } from "../stack/stack-access";
import { finishSecurityGroup } from "./aws-leftovers";
import { type Plan, type Repair, repairsOf, type TakeIn } from "./plan";
import { repairDatabase } from "./repair-database";
import { isUnread, repairedState } from "./repaired-state";
import { described, SECURITY_GROUP_TYPE } from "./resource-names";

/** A schema is dropped before the role that owns it. */
const ORDER: readonly Repair["kind"][] = [
  "let in",
  "drop verification",
  "drop schema",
  "drop role",
  "take in",
  "read again",
];

/**
 * Carries out a plan. The database comes first and the list of interrupted operations goes last, and what is still to be read is
 * marked in the state: killed at any moment, the next recovery finds what is left to do.
 *
 * @param planned The state that the plan was made from.
 * @param report Told each thing that has been done.
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
  for (const { resource } of takenIn) report(`${described(resource)} is taken into the state`);
  report("the list of interrupted operations is empty");
  const urns = [...new Set([...takenIn.map(({ resource }) => resource.urn), ...again])];
  if (urns.length === 0) return;
  await access.refresh(urns);
  const { deployment } = await access.exportState();
  const unread = (deployment.resources ?? []).filter(isUnread);
  if (unread.length > 0) throw new Error(`not read again: ${unread.map(described).join(", ")}; run this once more`);
  report(`${urns.length === 1 ? "1 resource was" : `${urns.length} resources were`} read again`);
}

/** A plan is for the state that it was made from. */
async function assertUnchanged(access: StackAccess, planned: StackExport): Promise<void> {
  const { resources, pending_operations } = (await access.exportState()).deployment;
  const before = planned.deployment;
  if (isDeepStrictEqual([resources, pending_operations], [before.resources, before.pending_operations])) return;
  throw new Error("the stack has been deployed in the meantime, and its state is another one now: run this again");
}
