import { parseArgs } from "node:util";
import { FaultsError, quoted } from "../../../domain/fault";
import { UsageError } from "../../../domain/usage-error";
import { declarationFaults } from "../../../ops/ci/declaration-faults";
import { type Declared, declaredIn } from "../../../ops/ci/declared";
import { changedPaths, commitOf, treeOf } from "../../../ops/ci/revision";
import { stacksTouched } from "../../../ops/ci/touched";
import { type Output, runCommand, type Status } from "../../run-command";

const USAGE = `Usage: npm run --silent stacks-touched -- [OPTIONS]

Prints the stacks that a change touches as a JSON array, in the order to deploy them in, for the matrix of a CI job. A tenant file
touches the stack that it belonged and the one it belongs to; a stack's settings touch that stack; documentation, tests,
the rehearsal and commands touch none; everything else touches all. Looks at commits alone, not at what is not committed.

  --base REVISION      what to compare with; without it, or if this clone lacks it, every stack is printed
  --head REVISION      the change (default HEAD)
  --stack NAME         print that stack, and fail if it has no settings file
  --help               print this

Exit status: 0 printed; 2 wrong usage, or a tenant that no stack declares.
`;

async function main(argv: readonly string[], output: Output): Promise<Status> {
  const { base, head, stack, help } = options(argv);
  if (help) {
    output.print(USAGE.trimEnd());
    return 0;
  }
  const commit = commitOf(head);
  if (commit === undefined) throw new UsageError(`--head ${quoted(head)}: there is no such commit in this clone`);
  const after = declaredIn(treeOf(commit));
  const faults = declarationFaults(after);
  if (faults.length > 0) throw new FaultsError(faults);
  const stacks = stack === undefined ? touched(base, commit, after, output) : [known(stack, after)];
  output.print(JSON.stringify(stacks));
  return 0;
}

function touched(base: string | undefined, commit: string, after: Declared, output: Output): string[] {
  const before = base === undefined ? undefined : commitOf(base);
  if (before === undefined) {
    if (base !== undefined) output.report(`this clone has no commit ${quoted(base)}: every stack is taken for touched`);
    return stacksTouched([], undefined, after);
  }
  const was = declaredIn(treeOf(before));
  for (const { stack, file } of was.stacks) {
    if (after.stacks.some((other) => other.stack === stack)) continue;
    output.report(`${file} is gone: nothing deploys ${stack} any more. What it made stays until it is destroyed`);
  }
  return stacksTouched(changedPaths(before, commit), was, after);
}

function known(stack: string, { stacks }: Declared): string {
  if (stacks.some((other) => other.stack === stack)) return stack;
  const names = stacks.map((other) => other.stack).join(", ");
  throw new UsageError(`--stack ${quoted(stack)}: there is no Pulumi.STACK.yaml of that name; there are: ${names}`);
}

function options(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        base: { type: "string" },
        head: { type: "string", default: "HEAD" },
        stack: { type: "string" },
        help: { type: "boolean", default: false },
      },
      strict: true,
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

runCommand("stacks-touched", main);
