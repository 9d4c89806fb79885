import { errorMessage } from "../../database/error-message";
import { counted } from "../../domain/counted";
import type { Output, Status } from "../output";
import { type ExportedResource, type StackAccess, type StackExport, StackLocked } from "../stack/stack-access";
import { interruptedFindings } from "./interrupted";
import { leftBehindFindings } from "./left-behind";
import { changesAnything, type Finding, type Plan } from "./plan";
import { repair } from "./repair";
import { isUnread } from "./repaired-state";
import { described, tenantOf } from "./resource-names";
import { planJson, planTable } from "./show-plan";
import { look, type World } from "./world";

export interface RecoveryOptions {
  /** Asks whether the plan may be carried out; called when there is something to do. */
  readonly consent: () => Promise<boolean>;
  readonly json: boolean;
  /** What to run when nothing is left to do, for example `npx pulumi up --stack prod`. */
  readonly next: string;
}

/**
 * Finds out what an interrupted run has left, shows what is to be done about it, and does it on consent. Afterwards `up`
 * converges.
 *
 * @returns 0 when nothing is left to do, 1 when something is: no consent, or a person has to.
 * @throws StackLocked when the stack is being deployed, or a deployment died. Nothing was changed.
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
    output.report("Nothing was changed. Add --yes to carry out the plan.");
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
    throw new Error(`${errorMessage(error)}. Nothing was changed.`);
  }
}

function nothingToDo(stack: string, plan: Plan, output: Output, { json }: RecoveryOptions): Status {
  const open = plan.findings.some((finding) => finding.open);
  if (json) output.print(planJson(stack, plan, false, []));
  else if (plan.findings.length > 0) output.print(planTable(plan));
  output.report(
    open
      ? `No run of ${stack} was interrupted, but the table names something that a person has to look at.`
      : `No run of ${stack} was interrupted: there is nothing to recover.`,
  );
  return open ? 1 : 0;
}

function concluded(plan: Plan, failures: readonly string[], output: Output, { next }: RecoveryOptions): Status {
  for (const failure of failures) output.report(`✗ ${failure}`);
  if (failures.length > 0) {
    output.report("Not everything could be repaired. Fix the causes and run this again.");
    return 1;
  }
  if (plan.findings.some(({ open }) => open)) {
    output.report(`First do what the table leaves to a person; then run: ${next}`);
    return 1;
  }
  output.report(`Recovered. Now run: ${next}`);
  return 0;
}

function lockedMessage(stack: string, { message }: Error): string {
  return (
    `${message}\nNothing was changed. Once you are sure that no deployment of ${stack} is running, release the lock with ` +
    `\`npx pulumi cancel --stack ${stack}\`, and run this again.`
  );
}

/** What is to be done about a stack, from its state and from what was found. */
function planRecovery({ deployment }: StackExport, world: World): Plan {
  const { pending_operations: interrupted = [] } = deployment;
  const listed = interrupted.map(({ resource }) => resource);
  const findings = [
    ...interruptedFindings(interrupted, world),
    ...world.resources.filter(isUnread).map(unreadFinding),
    ...leftBehindFindings(world, listed),
  ];
  return { interrupted, findings: [...findings, ...remainders(findings, world.resources, listed)] };
}

/** An earlier recovery died between marking the resource and reading it. */
function unreadFinding(resource: ExportedResource): Finding {
  return {
    tenant: tenantOf(resource.urn),
    thing: described(resource),
    condition: "half-made",
    plan: "will be read again",
    repair: { kind: "read again", urn: resource.urn },
  };
}

/** For each tenant of the plan, a line about its other resources. */
function remainders(
  findings: readonly Finding[],
  resources: readonly ExportedResource[],
  listed: readonly ExportedResource[],
): Finding[] {
  const touched = new Set(listed.map(({ urn }) => urn));
  const tenants = new Set(findings.map(({ tenant }) => tenant));
  return [...tenants].flatMap((tenant): Finding[] => {
    const others = resources.filter(
      ({ custom, urn }) => custom && tenant !== undefined && tenantOf(urn) === tenant && !touched.has(urn),
    );
    if (others.length === 0) return [];
    const thing = counted(others.length, "other resource");
    return [{ tenant, thing, condition: "fine", plan: "not interrupted" }];
  });
}
