import { type MigrateValues, migrateWanted } from "../../ops/migrate/options";
import { printVersions } from "../../ops/migrate/status";
import { tryMigrations } from "../../ops/migrate/try-migrations";
import type { Output } from "../../ops/output";
import { projectFiles } from "../../ops/stack/project-files";
import { newStackCommand, type StackValues, stackOptions, takesNoArguments } from "../command-line";
import { withStack } from "../open-stack";

export const migrate = () =>
  newStackCommand("migrate", run)
    .usage("--status | --try [SLUG...] [options]")
    .description(
      "Where each tenant of the database stands among the migrations of sql/migrations/; or what those that it has not run yet " +
        "would do to its data, tried on a copy. Changes nothing of a tenant: it is `npx pulumi up` that runs migrations.",
    )
    .option("--status", "the migration that each tenant of the database stands at, of all stacks")
    .option(
      "--try [SLUG...]",
      "copy these tenants of the stack (default: all that have something to run) into a scratch database each, one after the " +
        "other, and run there what they have not run yet: how long each file takes, how many rows it changes, whom it blocks, which " +
        "tables it rewrites, or what it fails with. The tenant is only read, and the copy is dropped",
    )
    .option("--sample <N>", "with --try: only so many tenants, the biggest and others at random")
    .option("--markdown", "with --try: print it for a comment on a pull request")
    .addHelpText(
      "after",
      `
Exit status: 0 done, and every tenant that was tried passed; 1 a tenant failed, or one of the stack is ahead of the files or has run
other files, or it could not be done; 2 wrong usage, invalid settings, tenant files or migrations.`,
    );

function run(values: StackValues & MigrateValues, args: readonly string[], output: Output) {
  takesNoArguments("migrate", args);
  const options = stackOptions(values);
  const wanted = migrateWanted(values);
  return withStack(options, output.report, async (access) => {
    const files = await projectFiles(access.settings);
    if (wanted === undefined) return printVersions(access, output, { ...files, json: options.json });
    return tryMigrations(access, output, { ...files, ...wanted });
  });
}
