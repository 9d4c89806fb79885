import { appendFileSync } from "node:fs";
import type { Command } from "commander";
import { UsageError } from "../../../domain/usage-error";
import { StackLines, StepLines } from "../../../ops/fleet/displays";
import { runOperation } from "../../../ops/fleet/run-operation";
import type { Operation } from "../../../ops/fleet/stack-deployer";
import type { Output, Status } from "../../../ops/output";
import { optionsToRepeat, placeToRepeat } from "../../../ops/stack/stack-options";
import { writableFile } from "../../../ops/typed-path";
import { ask, canAsk } from "../../ask";
import { interruptible } from "../../interruption";
import { withDeployer } from "../../open-fleet";
import { type FleetOptions, type FleetValues, fleetCommand } from "./fleet-command";

interface DeployValues extends FleetValues {
  readonly yes?: boolean;
  readonly summary?: string;
}

/** `fleet up`, `fleet preview` or `fleet destroy`. */
export function deployCommand(operation: Operation, summary: string): Command {
  const command = fleetCommand<DeployValues>(operation, (options, values, output) =>
    run(operation, options, values, output),
  );
  if (operation === "up") command.option("--yes", "do it without a preview and without asking");
  if (operation === "destroy") command.option("--yes", "do it without asking");
  command.option(
    "--summary <FILE>",
    "append the summary to this file too, as Markdown: a workflow's $GITHUB_STEP_SUMMARY",
  );
  const interrupted =
    operation === "preview"
      ? ""
      : `
On Ctrl-C every stack finishes what is under way and begins nothing more. A second one ends all of them at once, and says which
commands find and repair what that leaves.
`;
  return command.summary(summary).addHelpText(
    "after",
    `${interrupted}
Exit status: 0 every stack is done; 1 one failed, was skipped or stopped, or no consent; 2 wrong usage, or files that are not right.`,
  );
}

function run(operation: Operation, options: FleetOptions, values: DeployValues, output: Output): Promise<Status> {
  const { yes = false } = values;
  if (operation !== "preview" && !yes && !canAsk()) {
    throw new UsageError(`fleet ${operation} asks before it changes anything; where nobody can be asked, give --yes`);
  }
  const { fleet, parallel, rehearsal, json } = options;
  const summary = writableFile(values.summary);
  return withDeployer(options, output.report, (deployer) =>
    runOperation(
      operation,
      {
        fleet,
        deployer,
        parallel,
        json,
        addSummary: summary === undefined ? undefined : (markdown) => appendFileSync(summary, markdown),
        consent: yes ? undefined : ask,
        display: (planned) =>
          process.stderr.isTTY ? new StackLines(process.stderr, planned) : new StepLines(output.report, planned),
        interruptible,
        again: `npx b2b-tenants fleet ${operation}${placeToRepeat(rehearsal)}`,
        recover: (stack) => `npx b2b-tenants recover ${optionsToRepeat({ stack, rehearsal })}`,
      },
      output,
    ),
  );
}
