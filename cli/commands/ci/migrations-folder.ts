import { UsageError } from "../../../domain/usage-error";
import { migrationFolderOf } from "../../../ops/ci/migration-folders";
import type { Output } from "../../../ops/output";
import { typedPath } from "../../../ops/typed-path";
import { newCommand } from "../../command-line";

export const migrationsFolder = () =>
  newCommand("migrations-folder", run)
    .argument("[arguments...]")
    .usage("PROJECT STACK")
    .summary("where a checkout has the migrations of a stack")
    .description(
      "Prints the folder of a stack's migrations, relative to PROJECT, by the settings of the checkout in that folder: a trial runs " +
        "main's code on the migrations of a change, which is checked out beside it.",
    )
    .addHelpText("after", "\nExit status: 0 printed; 2 wrong usage, or a folder outside of the project.");

function run(_values: object, [project, stack, ...surplus]: readonly string[], output: Output) {
  if (project === undefined || stack === undefined || surplus.length > 0) {
    throw new UsageError("migrations-folder takes the folder of a checkout and a stack");
  }
  output.print(migrationFolderOf(stack, typedPath(project)));
  return 0 as const;
}
