import { type StacksTouchedValues, stacksOfChange } from "../../../ops/ci/stacks-touched";
import type { Output } from "../../../ops/output";
import { newCommand, takesNoArguments } from "../../command-line";

export const stacksTouched = () =>
  newCommand("stacks-touched", run)
    .summary("the stacks that a change touches, in the order to deploy them in")
    .description(
      `\
Prints the stacks that a change touches as a JSON array, in the order to deploy them in, for the matrix of a CI job. A tenant file
touches the stack that it belonged and the one it belongs to; a stack's settings touch that stack; a migration touches the stacks
that have its folder; documentation, tests, the rehearsal and commands touch none; everything else touches all.
Looks at commits alone, not at what is not committed.`,
    )
    .option("--base <REVISION>", "what to compare with; without it, or if this clone lacks it, every stack is printed")
    .option("--head <REVISION>", "the change", "HEAD")
    .option("--stack <NAME>", "print that stack, and fail if it has no settings file")
    .option("--gone", "print instead the stacks whose settings the change takes away: what they have made stays")
    .option(
      "--migrations",
      "print of the touched stacks those whose migrations the change is about: the files, or the folder's name",
    )
    .addHelpText("after", "\nExit status: 0 printed; 2 wrong usage, or a tenant that no stack declares.");

function run(values: StacksTouchedValues, args: readonly string[], output: Output) {
  takesNoArguments("stacks-touched", args);
  output.print(JSON.stringify(stacksOfChange(values, output.report)));
  return 0 as const;
}
