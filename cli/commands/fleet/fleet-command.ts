import type { Command } from "commander";
import { UsageError } from "../../../domain/usage-error";
import { type ChosenStacks, chooseStacks } from "../../../ops/fleet/chosen-stacks";
import type { Output, Status } from "../../../ops/output";
import type { RehearsalPlace } from "../../../ops/stack/stack-options";
import { newCommand, type PlaceValues, rehearsalPlace, takesNoArguments, withPlaceOptions } from "../../command-line";

const DEFAULT_PARALLEL = "4";

/** What commander makes of the options that all commands of the fleet share. */
export interface FleetValues extends PlaceValues {
  readonly stack?: string;
  readonly touchedSince?: string;
  readonly parallel: string;
  readonly json?: boolean;
}

/** What they come to. */
export interface FleetOptions {
  readonly fleet: ChosenStacks;
  readonly parallel: number;
  readonly rehearsal: RehearsalPlace | undefined;
  readonly json: boolean;
}

/** A command that works on the stacks of the fleet. */
export function fleetCommand<Values extends FleetValues>(
  name: string,
  run: (options: FleetOptions, values: Values, output: Output) => Promise<Status>,
): Command {
  const command = newCommand<Values>(name, (values, args, output) => {
    takesNoArguments(`fleet ${name}`, args);
    return run(fleetOptions(values), values, output);
  })
    .option("--stack <A,B>", "these stacks alone (default: every stack that has settings here)")
    .option("--touched-since <REV>", "only the stacks that a change since that commit touches, committed or not")
    .option("--parallel <N>", "how many stacks at once", DEFAULT_PARALLEL);
  return withPlaceOptions(command, "the stacks' setting").option("--json", "print JSON");
}

/** @throws UsageError @throws FileErrors */
export function fleetOptions(values: FleetValues): FleetOptions {
  const { stack, touchedSince, parallel, rehearsal: rehearsed, home, tenants, migrations, json = false } = values;
  if (!/^[1-9]\d?$/.test(parallel)) throw new UsageError(`--parallel ${JSON.stringify(parallel)}: allowed: 1 to 99`);
  const rehearsal = rehearsalPlace({ rehearsal: rehearsed, home, tenants, migrations });
  for (const [option, folder] of Object.entries({ tenants, migrations })) {
    if (folder !== undefined && touchedSince !== undefined) {
      throw new UsageError(
        `--touched-since looks at the files of this clone, and --${option} names others: leave one out`,
      );
    }
  }
  return { fleet: chooseStacks({ stack, touchedSince }, rehearsal), parallel: Number(parallel), rehearsal, json };
}
