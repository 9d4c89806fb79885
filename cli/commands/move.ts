import type { Command } from "commander";
import { UsageError } from "../../domain/usage-error";
import { chooseStacks } from "../../ops/fleet/chosen-stacks";
import { moveTenants } from "../../ops/move/move-tenants";
import { finishMove } from "../../ops/move/to-database/finish-move";
import type { Output } from "../../ops/output";
import { placeToRepeat } from "../../ops/stack/stack-options";
import { ask } from "../ask";
import { newCommand, type PlaceValues, rehearsalPlace, withPlaceOptions } from "../command-line";
import { ownDatabasesOf, withMovableStacks } from "../open-fleet";

interface MoveValues extends PlaceValues {
  readonly toStack?: string;
  readonly finish?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function move(): Command {
  const command = newCommand<MoveValues>("move", run)
    .argument("[slugs...]")
    .usage("SLUG[,SLUG...] --to-stack STACK [options]")
    .description(
      "Moves tenants to another stack. To one of the same database they go from one stack's state into the other's, and nothing of theirs is " +
        "changed: schema, password, server and parameters stay as they are. To one of another database server, whose tenant files are in another " +
        "folder, a tenant's data are copied and compared while it is down, and its server is then pointed there. Writes their files, and looks " +
        "whether the previews of all stacks concerned then show no change. Given again after it was killed, it goes on; with the stack that " +
        "they came from, it takes the move back.",
    )
    .option(
      "--to-stack <STACK>",
      "stack that they move to; it has its settings here, and was made with `pulumi stack init`",
    )
    .option(
      "--finish",
      "after a move to another database server: drop what the old one still has, behind a proved backup",
    )
    .option("--yes", "do it without asking");
  return withPlaceOptions(command, "the stacks' setting")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Exit status: 0 they are there, and no preview shows a change; 1 it was refused or nobody consented, and nothing was moved, the server
has not been seen to log in to the other database, or a preview shows a change; 2 wrong usage, or files that are not right.`,
    );
}

function run(values: MoveValues, args: readonly string[], output: Output) {
  const slugs = [...new Set(args.flatMap((arg) => arg.split(",")).map((slug) => slug.trim()))].filter(Boolean);
  const { toStack: to, finish = false, yes, json = false, ...place } = values;
  if (slugs.length === 0 || to === undefined) {
    throw new UsageError("move takes tenants and a stack: npx b2b-tenants move SLUG[,SLUG...] --to-stack STACK");
  }
  const rehearsal = rehearsalPlace(place);
  const ownDatabases = rehearsal === undefined ? [] : ownDatabasesOf(rehearsal);
  const fleet = chooseStacks(
    {},
    rehearsal === undefined ? undefined : { tenants: rehearsal.tenants, stack: to, ownDatabases },
  );
  const consent = async () => yes === true || (await ask("Do this?"));
  return withMovableStacks({ fleet, rehearsal }, output.report, (stacks) => {
    const options = { slugs, to, fleet, stacks, json, place: placeToRepeat(rehearsal), consent };
    return finish ? finishMove(options, output) : moveTenants(options, output);
  });
}
