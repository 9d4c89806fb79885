import { rmSync } from "node:fs";
import { UsageError } from "../../../domain/usage-error";
import type { StackFile } from "../../fleet/stack-file";
import type { Output, Status } from "../../output";
import type { StackAccess } from "../../stack/stack-access";
import { readLogins } from "../../stack/tenant-environment";
import type { MoveOptions } from "../move-options";
import { stackNamed } from "../plan-move";
import { refuseWaiting } from "../waiting-changes";
import { deployed } from "./deployed";
import { type DatabaseMove, findDatabaseMove } from "./find-move";
import { serverResources } from "./server-state";

/**
 * Ends a move to another database server: what the tenant left behind, shut out, is dropped, behind a proved backup as in any removal.
 * Killed at any moment, the same call goes on.
 *
 * @throws Error while the tenant is not there yet. Nothing was dropped then.
 */
export async function finishMove(options: MoveOptions, output: Output): Promise<Status> {
  const { slugs, to, stacks, consent } = options;
  const [slug = "", ...more] = slugs;
  if (more.length > 0) throw new UsageError(`--finish: one tenant at a time, got ${slugs.join(", ")}`);
  const target = stackNamed(to, options.fleet.all);
  const move = await findDatabaseMove(options);
  if (move !== undefined) await refuseHalfWay(move);
  const from = move === undefined ? await leftIn(options, slug, target) : [move.source.stack];
  if (from.length === 0) {
    output.print(`${slug}: no stack but ${to} has anything of it.`);
    return 0;
  }
  for (const stack of from) await refuseWaiting(stacks, stack, slug);
  const isBackedUp = move?.source.access.everyStack.find((spec) => spec.slug === slug)?.offboarding.backup ?? true;
  output.report(
    `${slug}: what ${from.join(", ")} still has of its database is ${isBackedUp ? "backed up and dropped" : "dropped, without a backup, as its file there says"}.`,
  );
  if (!(await consent())) {
    output.report("Nothing was dropped. Where there is no terminal to answer on, add --yes.");
    return 1;
  }
  if (move !== undefined) rmSync(move.source.file);
  for (const stack of from) await deployed(stacks, stack);
  output.print(
    isBackedUp
      ? `${slug}: is in ${to} alone; its backup from ${from.join(", ")} is at that stack's backups.destination.`
      : `${slug}: is in ${to} alone.`,
  );
  return 0;
}

async function refuseHalfWay({ slug, step, source, target }: DatabaseMove): Promise<void> {
  const isThere =
    step === "switch" &&
    source.access.everyStack.some((spec) => spec.slug === slug && spec.databaseOnly) &&
    serverResources(await source.access.exportState(), slug).length === 0 &&
    (await isPointedAt(target.access, slug));
  if (isThere) return;
  throw new Error(
    `${slug} has not moved to ${target.stack} yet: \`npx b2b-tenants move ${slug} --to-stack ${target.stack}\` first. Nothing was dropped`,
  );
}

/** Whether the tenant's parameters name the stack's database. */
async function isPointedAt(access: StackAccess, slug: string): Promise<boolean> {
  const login = (await readLogins(access, [slug])).get(slug);
  if (login === undefined || "problem" in login) return false;
  const { host, port, name } = access.settings.database;
  return login.host === host && login.port === port && login.database === name;
}

/** The stacks of other folders that still have the tenant in their state, and no file of it: an earlier call died. */
async function leftIn({ fleet, stacks }: MoveOptions, slug: string, target: StackFile): Promise<string[]> {
  const existing = await stacks.deployer.existing();
  const left: string[] = [];
  for (const { stack, tenantsDir } of fleet.all) {
    if (tenantsDir === target.tenantsDir || !existing.has(stack)) continue;
    if ((await stacks.deployer.holdings(stack)).tenants.includes(slug)) left.push(stack);
  }
  return left;
}
