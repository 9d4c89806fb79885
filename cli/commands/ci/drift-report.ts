import { UsageError } from "../../../domain/usage-error";
import { checkedStacksIn, driftReport as reportOf } from "../../../ops/ci/drift-report";
import type { Output } from "../../../ops/output";
import { newCommand } from "../../command-line";

export const driftReport = () =>
  newCommand("drift-report", run)
    .argument("[arguments...]")
    .usage("RUN FOLDER STACKS")
    .summary("the issue that the nightly check opens")
    .description(
      `\
Prints the issue that the nightly check opens, in Markdown, or nothing if all stacks hold. RUN is the address of the CI run. STACKS
is a JSON array, as stacks-touched prints it. FOLDER has a folder for each stack with preview.txt, preview.status, verify.txt and
verify.status: what they printed, and their exit status. What is missing there was not checked.`,
    )
    .addHelpText("after", "\nExit status: 0 printed; 2 wrong usage.");

function run(_values: object, [runUrl, folder, stacks, ...surplus]: readonly string[], output: Output) {
  if (runUrl === undefined || folder === undefined || stacks === undefined || surplus.length > 0) {
    throw new UsageError("drift-report takes the run, the folder and the stacks");
  }
  const report = reportOf(checkedStacksIn(folder, stacks), runUrl);
  if (report !== undefined) output.print(report.trimEnd());
  return 0 as const;
}
