import { isDeepStrictEqual } from "node:util";
import type { Output, Status } from "../output";
import type { StackAccess } from "../stack/stack-access";
import type { MoveOptions } from "./move-options";
import { planMove, type TenantMove } from "./plan-move";
import { movedJson, movedText, planText } from "./show-move";
import { writeStackKey } from "./stack-key";
import { tenantUrn, withoutTenants, withProtected, withProviderOf } from "./tenant-state";
import { findDatabaseMove } from "./to-database/find-move";
import { moveToDatabase } from "./to-database/move-to-database";
import { waitingChanges } from "./waiting-changes";

/**
 * Moves tenants from the states of other stacks into that of one, and names it in their files. Nothing of theirs is changed: neither in
 * the database nor in AWS. Killed at any moment, the same call finishes it, and one to the stack that they came from takes it back: at
 * each moment at least one state has them, and from the first change on no deployment can delete what is theirs, until one has declared it.
 *
 * @returns 1 without consent, or if a preview shows a change afterwards.
 * @throws UsageError @throws FileErrors @throws Error when it is refused: nothing was moved.
 */
export async function moveTenants(options: MoveOptions, output: Output): Promise<Status> {
  const { to, json, place } = options;
  const toDatabase = await findDatabaseMove(options);
  if (toDatabase !== undefined) return moveToDatabase(options, toDatabase, output);
  const moves = await planMove(options);
  const touched = [...new Set([...moves.flatMap(({ from }) => from ?? []), to])];
  const todo = moves.filter(({ from, isDeclaredElsewhere }) => from !== undefined || isDeclaredElsewhere);
  // In the middle of a move the previews show it.
  if (todo.length > 0 && todo.every(isUntouched)) await refuseWaitingChanges(options, touched);
  if (todo.length > 0) {
    if (!json) output.print(planText(todo, to));
    if (!(await options.consent())) {
      output.report("Nothing was moved. Where there is no terminal to answer on, add --yes.");
      return 1;
    }
    await moveStates(todo, options, output.report);
    for (const { slug, file } of todo.filter(({ isDeclaredElsewhere }) => isDeclaredElsewhere)) {
      writeStackKey(file, to);
      output.report(`✓ ${slug}: its file names ${to}`);
    }
  }
  const changes = await waitingIn(options, touched);
  const moved = { to, stacks: touched, changes };
  output.print(json ? movedJson(moves, moved) : movedText(moves, { ...moved, place }));
  return changes.length === 0 ? 0 : 1;
}

/** Of which nothing has been done yet: its stack declares it and has it. */
function isUntouched({ from, inBoth, isDeclaredElsewhere }: TenantMove): boolean {
  return from !== undefined && !inBoth && isDeclaredElsewhere;
}

async function refuseWaitingChanges(options: MoveOptions, touched: readonly string[]): Promise<void> {
  const changes = await waitingIn(options, touched);
  if (changes.length === 0) return;
  throw new Error(
    `what is declared is not deployed yet, and after the move nobody could tell that from a mistake of the move's. Nothing was moved; first ` +
      `run \`up\`, or undo what causes this:\n${changes.map((change) => `  ${change}`).join("\n")}`,
  );
}

async function waitingIn({ stacks }: MoveOptions, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    names.map(async (name) => (await waitingChanges(stacks, name)).map((change) => `${name}: ${change}`)),
  );
  return found.flat();
}

async function moveStates(
  moves: readonly TenantMove[],
  { to, stacks }: MoveOptions,
  report: (line: string) => void,
): Promise<void> {
  for (const from of new Set(moves.flatMap((move) => move.from ?? []))) {
    const source = await stacks.open(from);
    const [both, leaving] = [true, false].map((inBoth) =>
      moves.filter((move) => move.from === from && move.inBoth === inBoth).map(({ slug }) => slug),
    );
    if (both?.length) {
      await source.importState(withoutTenants(await source.exportState(), both));
      report(`✓ ${both.join(", ")}: was in the state of ${to} already, and is no longer in that of ${from}`);
    }
    if (!leaving?.length) continue;
    const urns = await prepare(source, await stacks.open(to), leaving);
    await stacks.moveState(from, to, urns);
    report(`✓ ${leaving.join(", ")}: moved from the state of ${from} to that of ${to}`);
  }
}

/**
 * From here on a deployment of files from before the move fails where it would delete something of theirs.
 *
 * @returns URNs of the tenants.
 */
async function prepare(source: StackAccess, target: StackAccess, slugs: readonly string[]): Promise<string[]> {
  const [before, there] = [await source.exportState(), await target.exportState()];
  const prepared = withProviderOf(withProtected(before, slugs), there);
  if (!isDeepStrictEqual(prepared, before)) await source.importState(prepared);
  return slugs.flatMap((slug) => tenantUrn(before, slug) ?? []);
}
