import { UsageError } from "../../../domain/usage-error";
import type { Output } from "../../../ops/output";
import { policyEventsOf } from "../../../ops/preview-comment/event-log";
import { inputName, inputText } from "../../../ops/preview-comment/read-previews";
import { newCommand } from "../../command-line";

export const policyEvents = () =>
  newCommand("policy-events", run)
    .argument("[file]")
    .summary("what policies have found, out of a preview's event log")
    .description(
      "Prints what policies have found, out of the event log of a preview, and nothing else of it: the log holds the states of " +
        "resources, which are not for everybody to keep. The output is an event log too, for `preview-comment --event-log`. " +
        "Reads standard input when no file is named.",
    )
    .addHelpText(
      "after",
      "\nExit status: 0 printed, also when nothing was found; 2 wrong usage, or no event log in the input.",
    );

function run(_values: object, [file = "-", ...others]: readonly string[], output: Output) {
  if (others.length > 0) throw new UsageError("name one file");
  const events = policyEventsOf(inputText(file), inputName(file));
  if (events !== "") output.print(events.trimEnd());
  return 0 as const;
}
