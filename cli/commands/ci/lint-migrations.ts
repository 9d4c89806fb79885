import { UsageError } from "../../../domain/usage-error";
import { lintMigrations as lint } from "../../../ops/ci/lint-migrations";
import { migrationFolders } from "../../../ops/ci/migration-folders";
import type { Output } from "../../../ops/output";
import { PROJECT_DIR } from "../../../ops/stack/pulumi-cli";
import { newCommand } from "../../command-line";

export const lintMigrations = () =>
  newCommand("lint-migrations", run)
    .argument("[folder]")
    .usage("[FOLDER]")
    .summary("what of the migrations would hurt a tenant at work")
    .description(
      "Looks at the files of FOLDER (default: every folder that the settings of a stack name): their names and numbers, statements that a migration must not hold, and with the " +
        "linter squawk what would hurt a tenant at work. Prints each finding as FILE:LINE: RULE: what it means, and what to do " +
        "instead. A line `-- accept RULE: REASON` above a statement accepts its findings of that rule.",
    )
    .addHelpText(
      "after",
      "\nExit status: 0 nothing found; 1 something found; 2 wrong usage, or names or numbers that are not right, or no such folder.",
    );

async function run(_values: object, [folder, ...others]: readonly string[], output: Output) {
  if (others.length > 0) throw new UsageError("name one folder");
  const { findings, summary } = await lint(
    folder === undefined ? migrationFolders(PROJECT_DIR) : [folder],
    PROJECT_DIR,
  );
  for (const finding of findings) output.print(finding);
  output.report(summary);
  return findings.length === 0 ? (0 as const) : (1 as const);
}
