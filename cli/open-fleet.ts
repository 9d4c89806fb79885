import type { ChosenStacks } from "../ops/fleet/chosen-stacks";
import type { StackDeployer } from "../ops/fleet/stack-deployer";
import type { MovableStacks } from "../ops/move/movable-stacks";
import type { RehearsalPlace } from "../ops/stack/stack-options";

/** What deploys the stacks, for the time of `work`: the Pulumi CLI, or the engine of a rehearsal. */
export async function withDeployer<Result>(
  { fleet, rehearsal }: { readonly fleet: ChosenStacks; readonly rehearsal: RehearsalPlace | undefined },
  report: (line: string) => void,
  work: (deployer: StackDeployer) => Promise<Result>,
): Promise<Result> {
  if (rehearsal !== undefined) {
    // As in open-stack.ts: production runs without the rehearsal's code being there.
    const names = fleet.chosen.map(({ stack }) => stack);
    return (
      require("../rehearsal/session/fleet-deployer") as typeof import("../rehearsal/session/fleet-deployer")
    ).withRehearsedFleet(names, rehearsal, report, work);
  }
  // The Automation API is slow to load.
  const { pulumiDeployer } = require("../ops/fleet/pulumi-deployer") as typeof import("../ops/fleet/pulumi-deployer");
  return work(await pulumiDeployer());
}

/** All stacks that have settings here, for tenants to move between, for the time of `work`. */
export async function withMovableStacks<Result>(
  { fleet, rehearsal }: { readonly fleet: ChosenStacks; readonly rehearsal: RehearsalPlace | undefined },
  report: (line: string) => void,
  work: (stacks: MovableStacks) => Promise<Result>,
): Promise<Result> {
  if (rehearsal !== undefined) {
    const names = fleet.all.map(({ stack }) => stack);
    return (
      require("../rehearsal/session/movable-stacks") as typeof import("../rehearsal/session/movable-stacks")
    ).withRehearsedMoves(names, rehearsal, report, work);
  }
  const stacks = (require("../ops/move/pulumi-stacks") as typeof import("../ops/move/pulumi-stacks")).pulumiStacks();
  return work(await stacks);
}

/** The stacks of a rehearsal that have a database server of their own there. */
export function ownDatabasesOf(rehearsal: RehearsalPlace): readonly string[] {
  return (
    require("../rehearsal/session/movable-stacks") as typeof import("../rehearsal/session/movable-stacks")
  ).ownDatabases(rehearsal);
}
