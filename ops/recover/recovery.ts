import type { Output, Status } from "../output";
import { type StackAccess, type StackExport, StackLocked } from "../stack/stack-access";
import { look } from "./look";
import { changesAnything, type Plan } from "./plan";
import { planRecovery } from "./plan-recovery";
import { repair } from "./repair";
import { planJson, planTable } from "./show-plan";

export interface RecoveryOptions {
  /** Whether the plan may be carried out; asked when there is something to do. */
  readonly consent: () => Promise<boolean>;
  readonly json: boolean;
  /** What to run when nothing is left to do, as `npx pulumi up --stack prod`. */
  readonly next: string;
}

/**
 * Finds out what an interrupted run has left, shows what is to be done about it, and does it on consent. Afterwards `up`
 * converges.
 *
 * @returns 0 when nothing is left to do, 1 when something is: no consent, or a person has to.
 * @throws StackLocked when somebody deploys the stack, or died at it. Nothing was changed.
 */
export async function recover(access: StackAccess, output: Output, options: RecoveryOptions): Promise<Status> {
  await access.assertUnlocked().catch((error: unknown) => {
    throw error instanceof StackLocked ? new StackLocked(lockedMessage(access.stack, error)) : error;
  });
  const state = await access.exportState();
  const plan = await planOf(access, state);
  if (!changesAnything(plan)) return nothingToDo(access.stack, plan, output, options);
  if (!options.json) output.print(planTable(plan));
  if (!(await options.consent())) {
    if (options.json) output.print(planJson(access.stack, plan, false, []));
    output.report("Nothing was changed. Add --yes to have it done.");
    return 1;
  }
  const failures = await repair(access, state, plan, (line) => output.report(`✓ ${line}`));
  if (options.json) output.print(planJson(access.stack, plan, true, failures));
  return concluded(plan, failures, output, options);
}

async function planOf(access: StackAccess, state: StackExport): Promise<Plan> {
  try {
    return planRecovery(state, await look(access, state));
  } catch (error) {
    throw new Error(`${(error as Error).message}. Nothing was changed.`);
  }
}

function nothingToDo(stack: string, plan: Plan, output: Output, { json }: RecoveryOptions): Status {
  const open = plan.findings.some((finding) => finding.open);
  if (json) output.print(planJson(stack, plan, false, []));
  else if (plan.findings.length > 0) output.print(planTable(plan));
  output.report(
    open
      ? `No run of ${stack} was interrupted, but something is there that a person has to look at.`
      : `No run of ${stack} was interrupted: there is nothing to recover.`,
  );
  return open ? 1 : 0;
}

function concluded(plan: Plan, failures: readonly string[], output: Output, { next }: RecoveryOptions): Status {
  for (const failure of failures) output.report(`✗ ${failure}`);
  if (failures.length > 0) {
    output.report("Not everything could be repaired. Put that right and run this again.");
    return 1;
  }
  if (plan.findings.some(({ open }) => open)) {
    output.report(`What the table leaves to a person is still to be done; then run: ${next}`);
    return 1;
  }
  output.report(`Recovered. Now run: ${next}`);
  return 0;
}

function lockedMessage(stack: string, { message }: Error): string {
  return (
    `${message}\nNothing was changed. Is it certain that nobody deploys ${stack} any more, release it with ` +
    `\`npx pulumi cancel --stack ${stack}\`, and run this again.`
  );
}
