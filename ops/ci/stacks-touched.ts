import { FileErrors, quotedText } from "../../domain/file-errors";
import { UsageError } from "../../domain/usage-error";
import { type Declared, declarationErrors, declaredIn } from "../fleet/declared";
import { changedPaths, commitOf, treeOf } from "../fleet/revision";
import { stacksTouched } from "../fleet/stacks-touched";

/** What the command line makes of this command's options. */
export interface StacksTouchedValues {
  readonly base?: string;
  readonly head: string;
  readonly stack?: string;
}

/**
 * The stacks that a change between two commits touches, in the order to deploy them in; or the one stack that is named.
 *
 * @param report Told what a person should know about: a base that is unknown, a stack whose settings are gone.
 * @throws UsageError @throws FileErrors for a tenant that no stack declares.
 */
export function stacksOfChange(
  { base, head, stack }: StacksTouchedValues,
  report: (line: string) => void,
): readonly string[] {
  const commit = commitOf(head);
  if (commit === undefined) throw new UsageError(`--head ${quotedText(head)}: there is no such commit in this clone`);
  const after = declaredIn(treeOf(commit));
  const errors = declarationErrors(after);
  if (errors.length > 0) throw new FileErrors(errors);
  return stack === undefined ? touchedSince(base, commit, after, report) : [known(stack, after)];
}

function touchedSince(
  base: string | undefined,
  commit: string,
  after: Declared,
  report: (line: string) => void,
): string[] {
  const before = base === undefined ? undefined : commitOf(base);
  if (before === undefined) {
    if (base !== undefined) report(`this clone has no commit ${quotedText(base)}: every stack counts as touched`);
    return stacksTouched([], undefined, after);
  }
  const was = declaredIn(treeOf(before));
  for (const { stack, file } of was.stacks) {
    if (after.stacks.some((other) => other.stack === stack)) continue;
    report(`${file} is gone: nothing deploys ${stack} any more. Its resources stay until somebody destroys the stack`);
  }
  return stacksTouched(changedPaths(before, commit), was, after);
}

function known(stack: string, { stacks }: Declared): string {
  if (stacks.some((other) => other.stack === stack)) return stack;
  const names = stacks.map((other) => other.stack).join(", ");
  throw new UsageError(`--stack ${quotedText(stack)}: there is no Pulumi.STACK.yaml of that name; there are: ${names}`);
}
