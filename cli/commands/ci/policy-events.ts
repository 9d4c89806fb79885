import { parseArgs } from "node:util";
import { UsageError } from "../../../domain/usage-error";
import { policyEventsOf } from "../../../ops/preview-comment/event-log";
import { inputName, inputText } from "../../../ops/preview-comment/input-text";
import { type Output, runCommand, type Status } from "../../run-command";

const USAGE = `Usage: npm run --silent policy-events -- [FILE]

Prints what policies have found, out of the event log of a preview, and nothing else of it: the log holds the states of resources,
which are not for everybody to keep. The output is an event log too, for \`npm run preview-comment -- --event-log\`. Reads standard
input when no file is named.

  --help               print this

Exit status: 0 printed, also when nothing was found; 2 wrong usage, or no event log in the input.
`;

async function main(argv: readonly string[], output: Output): Promise<Status> {
  const { values, positionals } = parsed(argv);
  if (values.help) {
    output.print(USAGE.trimEnd());
    return 0;
  }
  const [file = "-", ...others] = positionals;
  if (others.length > 0) throw new UsageError("name one file");
  const events = policyEventsOf(inputText(file), inputName(file));
  if (events !== "") output.print(events.trimEnd());
  return 0;
}

function parsed(argv: readonly string[]) {
  try {
    const options = { help: { type: "boolean", default: false } } as const;
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

runCommand("policy-events", main);
