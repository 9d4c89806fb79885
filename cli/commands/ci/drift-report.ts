import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { quoted } from "../../../domain/fault";
import { STACK_PATTERN } from "../../../domain/names";
import { UsageError } from "../../../domain/usage-error";
import { type CheckedStack, type CheckResult, driftReport } from "../../../ops/ci/drift-report";
import { type Output, runCommand, type Status } from "../../run-command";

const USAGE = `Usage: npm run --silent drift-report -- RUN FOLDER STACKS

Prints the issue that the nightly check opens, in Markdown, or nothing if all stacks hold. RUN is the address of the CI run.
STACKS is a
JSON array, as stacks-touched prints it. FOLDER has a folder for each stack with preview.txt, preview.status, verify.txt and verify.status: what they printed, and their
exit status. What is missing there was not checked.

Exit status: 0 printed; 2 wrong usage.
`;

async function main(argv: readonly string[], output: Output): Promise<Status> {
  if (argv.includes("--help")) {
    output.print(USAGE.trimEnd());
    return 0;
  }
  const [run, folder, stacks, ...surplus] = argv;
  if (run === undefined || folder === undefined || stacks === undefined || surplus.length > 0) {
    throw new UsageError("it takes the run, the folder and the stacks");
  }
  const report = driftReport(
    names(stacks).map((stack) => checkedStack(folder, stack)),
    run,
  );
  if (report !== undefined) output.print(report.trimEnd());
  return 0;
}

function names(stacks: string): string[] {
  try {
    return z.array(z.string().regex(STACK_PATTERN)).parse(JSON.parse(stacks));
  } catch {
    throw new UsageError(`not a JSON array of stacks: ${quoted(stacks)}`);
  }
}

function checkedStack(folder: string, stack: string): CheckedStack {
  const result = (name: string): CheckResult | undefined => {
    const status = text(join(folder, stack, `${name}.status`));
    const printed = text(join(folder, stack, `${name}.txt`)) ?? "";
    return status === undefined ? undefined : { status: Number.parseInt(status, 10), output: printed };
  };
  return { stack, preview: result("preview"), verify: result("verify") };
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

runCommand("drift-report", main);
