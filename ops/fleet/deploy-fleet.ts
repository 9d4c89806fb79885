import { errorMessage } from "../../database/error-message";
import type { ChosenStacks } from "./chosen-stacks";
import { neededBy } from "./destruction";
import { inTurn } from "./in-turn";
import type { DeploymentEvent, Operation, StackDeployer } from "./stack-deployer";
import type { StackFile } from "./stack-file";
import { OutcomeRecord, type StackOutcome } from "./stack-outcome";

/** Is shown what happens while it does. */
export interface FleetDisplay {
  begun(stack: string): void;
  event(stack: string, event: DeploymentEvent): void;
  ended(outcome: StackOutcome): void;
  /** Says what concerns no single stack. */
  say(line: string): void;
}

export interface FleetRun {
  readonly fleet: ChosenStacks;
  readonly deployer: StackDeployer;
  readonly parallel: number;
  readonly display: FleetDisplay;
  /** Aborted: no other stack is begun. */
  readonly signal: AbortSignal;
}

/**
 * Deploys, previews or destroys the chosen stacks, several at once, in their order, and goes on past one that fails. The stack that
 * shuts PUBLIC out of the database comes first and goes last: no tenant of another stack is made before it has, nor is it
 * destroyed while another one still has tenants.
 *
 * @returns In the order in which the stacks were to be worked on.
 */
export async function deployFleet(operation: Operation, run: FleetRun): Promise<StackOutcome[]> {
  const { fleet, deployer } = run;
  const there = await deployer.existing();
  const { stacks, waits } = inOperationsOrder(operation, fleet);
  const byName = new Map(stacks.map((stack) => [stack.stack, stack]));
  const unguarded = new Set<string>();
  const work = async (name: string) => {
    const stack = byName.get(name) as StackFile;
    const skipped = (reason: string) => told(run, new OutcomeRecord(name).outcome("skipped", reason));
    if (run.signal.aborted) return skipped("it was not begun");
    // Until it is known that PUBLIC is shut out.
    if (operation === "up" && stack.fleet) unguarded.add(name);
    if (!there.has(name)) return told(run, missing(operation, name));
    const refused =
      operation === "destroy"
        ? await neededBy(stack, fleet, deployer, there)
        : unprotected(stack, waits.get(name) ?? [], unguarded);
    if (refused !== undefined) return skipped(refused);
    const outcome = await deployStack(operation, name, run);
    if (outcome.result === "done" || (unguarded.has(name) && (await isGuarded(deployer, name)))) unguarded.delete(name);
    return outcome;
  };
  return inTurn([...byName.keys()], waits, run.parallel, (name) =>
    work(name).catch((error) => told(run, new OutcomeRecord(name).outcome("failed", errorMessage(error)))),
  );
}

/** Whether PUBLIC is shut out of the database, as far as the state can be read. */
async function isGuarded(deployer: StackDeployer, stack: string): Promise<boolean> {
  return deployer.holdings(stack).then(
    ({ sharedDatabase }) => sharedDatabase,
    () => false,
  );
}

function told(run: FleetRun, outcome: StackOutcome): StackOutcome {
  run.display.ended(outcome);
  return outcome;
}

async function deployStack(operation: Operation, stack: string, run: FleetRun): Promise<StackOutcome> {
  const record = new OutcomeRecord(stack, operation === "destroy" ? [] : run.fleet.tenants.get(stack));
  run.display.begun(stack);
  const deployed = await run.deployer.deploy(stack, operation, (event) => {
    record.add(event);
    run.display.event(stack, event);
  });
  return told(run, record.ended(deployed));
}

/** The order to destroy in is that of `up`, backwards, but a tenant that changes its stack does not matter then. */
function inOperationsOrder(operation: Operation, { chosen, waits }: ChosenStacks) {
  if (operation !== "destroy") return { stacks: chosen, waits };
  const stacks = [...chosen].sort((a, b) => Number(a.fleet) - Number(b.fleet));
  const before = (fleet: StackFile) => stacks.filter((other) => !other.fleet && other.tenantsDir === fleet.tenantsDir);
  return {
    stacks,
    waits: new Map(stacks.map((stack) => [stack.stack, stack.fleet ? before(stack).map(({ stack }) => stack) : []])),
  };
}

/** Nobody makes a stack by misspelling one; and what was never made is destroyed already. */
function missing(operation: Operation, stack: string): StackOutcome {
  const record = new OutcomeRecord(stack);
  if (operation === "destroy") return record.outcome("done", "there is no such stack");
  return record.outcome("failed", `there is no stack ${stack} yet; to make it: npx pulumi stack init ${stack}`);
}

/** Why no tenant of a stack may be made now; undefined if they may. */
function unprotected(
  { stack }: StackFile,
  waits: readonly string[],
  unguarded: ReadonlySet<string>,
): string | undefined {
  const open = waits.find((name) => unguarded.has(name));
  if (open === undefined) return undefined;
  return `${open} has failed before it shut PUBLIC out of the database, without which no tenant of ${stack} would be kept apart`;
}
