import { existsSync, readFileSync, rmSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { withAdminConnection } from "../../../database/connection";
import { errorMessage } from "../../../database/error-message";
import { liftMoved, markMoved } from "../../../database/offboarding/fence";
import { withRemovalLock } from "../../../database/offboarding/offboarding-lock";
import { roleName } from "../../../domain/names";
import type { Output, Status } from "../../output";
import { adminTarget } from "../../stack/admin-target";
import type { StackExport } from "../../stack/stack-access";
import type { MoveOptions } from "../move-options";
import { withKey, withoutKey, writeInOneStep } from "../stack-key";
import { withProtected } from "../tenant-state";
import { refuseWaiting, waitingChanges } from "../waiting-changes";
import { copyFenced, tryCopy } from "./copy-tenant";
import { deployed } from "./deployed";
import type { DatabaseMove, Side } from "./find-move";
import { refuseMove } from "./refuse-move";
import { serverResources, serverUrns, withoutServer, withProtectedServer, withServerInTenant } from "./server-state";
import { arrivalJson, arrivalText, planText, takenBackText } from "./show-database-move";
import { arrivalOf } from "./wait-for-server";

/** The key of a tenant's file in the stack that has its database alone. */
const KEY = "databaseOnly";

/**
 * Moves a tenant to a stack that has another database server: its data are copied and compared while it is shut out, and then its server
 * is pointed at the copy. What fails before that leaves it working where it is; from then on, the same call finishes it.
 *
 * @returns 1 without consent, or if something is left to be seen to.
 */
export async function moveToDatabase(options: MoveOptions, move: DatabaseMove, output: Output): Promise<Status> {
  const { slug, source, target } = move;
  const job = { slug, source: source.access, target: target.access, report: output.report };
  if (move.step === "switch") return switchOver(options, move, output);
  if (move.step === "take back") {
    await refuseWaiting(options.stacks, target.stack, slug);
    const plan = `${slug}: goes on in ${source.stack}; what ${target.stack} has of its database is removed`;
    if (!(await consented(options, plan, output))) return 1;
    await letIn(move);
    await removeFromTarget(options, move);
    output.print(takenBackText(move));
    return 0;
  }
  await refuseMove(move, options.stacks);
  if (move.step === "begin") for (const { stack } of [source, target]) await refuseWaiting(options.stacks, stack);
  else await refuseWaiting(options.stacks, target.stack, slug);
  const seconds = await tryCopy(job);
  if (!(await consented(options, planText(move, seconds), output))) return 1;
  const role = roleName(slug);
  if (move.step === "begin") await declareDatabase(options, move);
  try {
    await deployed(options.stacks, target.stack);
    output.report(`✓ ${slug}: ${target.stack} has its role, schema and tables`);
    await copyFenced(job, (admin, since) => markMoved(admin, role, since, target.stack));
  } catch (error) {
    throw await afterTakingBack(options, move, error);
  }
  return switchOver(options, move, output);
}

async function consented({ consent, json }: MoveOptions, plan: string, output: Output): Promise<boolean> {
  if (!json) output.print(plan);
  if (await consent()) return true;
  output.report("Nothing was moved. Where there is no terminal to answer on, add --yes.");
  return false;
}

/**
 * Writes the file of the target's stack: the tenant's own, for its database alone.
 *
 * @throws FileErrors @throws Error where the target cannot have the tenant as it is; there is no file then.
 */
async function declareDatabase({ stacks }: MoveOptions, { slug, source, target }: DatabaseMove): Promise<void> {
  const text = withoutKey(readFileSync(source.file, "utf8"), "stack");
  writeInOneStep(target.file, withKey(target.fleet ? text : withKey(text, "stack", target.stack), KEY, "true"));
  try {
    const [before, after] = [source.access, await stacks.open(target.stack)].map(
      ({ everyStack }) => everyStack.find((spec) => spec.slug === slug)?.server.instanceType,
    );
    if (before !== after) {
      throw new Error(
        `${source.stack} and ${target.stack} have servers of different types (server.instanceType: ${before}, ${after}): write ${before} into ` +
          `${source.file} and run \`up\` before the move`,
      );
    }
  } catch (error) {
    rmSync(target.file);
    throw error;
  }
}

/** Lets the tenant in where it was. */
async function letIn({ slug, source }: DatabaseMove): Promise<void> {
  const role = roleName(slug);
  await withAdminConnection(adminTarget(source.access), (admin) =>
    withRemovalLock(admin, role, () => liftMoved(admin, role)),
  );
}

/** Removes what the target has of a tenant that works where it was, behind its gate. @throws Error with what removes it later. */
async function removeFromTarget({ stacks, place }: MoveOptions, { slug, source, target }: DatabaseMove): Promise<void> {
  rmSync(target.file, { force: true });
  await deployed(stacks, target.stack).catch((error: unknown) => {
    throw new Error(
      `${slug} goes on in ${source.stack}, and ${target.stack} still has what was made of it there, since ${errorMessage(error)}. ` +
        `\`npx b2b-tenants fleet up --stack ${target.stack}${place}\` removes that`,
    );
  });
}

/** @returns What failed, and what has become of the tenant. */
async function afterTakingBack(options: MoveOptions, move: DatabaseMove, error: unknown): Promise<Error> {
  const { slug, source, target } = move;
  const told = errorMessage(error);
  try {
    await letIn(move);
  } catch (reason) {
    return new Error(
      `${told}. ${slug} may still be shut out of the database of ${source.stack}: ${errorMessage(reason)}. Take the move back with ` +
        `\`npx b2b-tenants move ${slug} --to-stack ${source.stack}${options.place}\``,
    );
  }
  return removeFromTarget(options, move).then(
    () => new Error(`${told}. ${slug} goes on in ${source.stack}, and ${target.stack} has nothing of it`),
    (reason: unknown) => new Error(`${told}. ${errorMessage(reason)}`),
  );
}

/** The tenant's data are proved in the target, and nothing lets it in at the source any more. */
async function switchOver(options: MoveOptions, move: DatabaseMove, output: Output): Promise<Status> {
  const { slug, source, target } = move;
  const { stacks, place, json } = options;
  await moveServer(options, move).catch(async (error: unknown) => {
    const state = await target.access.exportState();
    if (serverResources(state, slug).length > 0 || !existsSync(target.file)) throw error;
    throw await afterTakingBack(options, move, error);
  });
  writeInOneStep(source.file, withKey(readFileSync(source.file, "utf8"), KEY, "true"));
  writeInOneStep(target.file, withoutKey(readFileSync(target.file, "utf8"), KEY));
  await deployed(stacks, target.stack);
  // A deployment of files from before the move would remove the tenant: until one of the new files, it fails.
  await change(target, (state) => withProtected(state, [slug]));
  output.report(`✓ ${slug}: its server belongs to ${target.stack}, and its parameters name the database there`);
  const arrival = await arrivalOf(move);
  await deployed(stacks, source.stack);
  const changes: string[] = [];
  for (const { stack } of [source, target]) {
    changes.push(...(await waitingChanges(stacks, stack)).map((change) => `${stack}: ${change}`));
  }
  output.print(json ? arrivalJson(move, arrival, changes) : arrivalText(move, arrival, changes, place));
  return changes.length === 0 && arrival.seconds !== undefined ? 0 : 1;
}

async function moveServer({ stacks }: MoveOptions, { slug, source, target }: DatabaseMove): Promise<void> {
  const [here, there] = [await source.access.exportState(), await target.access.exportState()];
  const urns = serverUrns(here, slug);
  // Both have it where an earlier run died between writing one state and the other.
  if (urns.length > 0 && serverResources(there, slug).length > 0) {
    await source.access.importState(withoutServer(here, slug));
  } else if (urns.length > 0) {
    // For a moment it is in no tenant: a deployment would delete it.
    await change(source, (state) => withProtectedServer(state, slug));
    await stacks.moveState(source.stack, target.stack, urns);
  }
  await change(target, (state) => withServerInTenant(state, slug));
}

async function change({ access }: Side, changed: (state: StackExport) => StackExport): Promise<void> {
  const state = await access.exportState();
  const wanted = changed(state);
  if (!isDeepStrictEqual(wanted, state)) await access.importState(wanted);
}
