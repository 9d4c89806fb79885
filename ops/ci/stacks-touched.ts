import { FileErrors, quotedText } from "../../domain/file-errors";
import { UsageError } from "../../domain/usage-error";
import { type Declared, declarationErrors, declaredIn } from "../fleet/declared";
import { changedPaths, commitOf, treeOf } from "../fleet/revision";
import { stackOfFile } from "../fleet/stack-file";
import { stacksMigrated, stacksTouched } from "../fleet/stacks-touched";
import { PROJECT_DIR } from "../stack/pulumi-cli";

/** What the command line makes of this command's options. */
export interface StacksTouchedValues {
  readonly base?: string;
  readonly head: string;
  readonly stack?: string;
  readonly gone?: boolean;
  readonly migrations?: boolean;
}

/**
 * The stacks that a change between two commits touches, in the order to deploy them in; or the one stack that is named; or those
 * whose settings the change takes away; or those whose migrations it changes.
 *
 * @param report Told what a person should know about: a base that is unknown, a stack whose settings are gone.
 * @throws UsageError @throws FileErrors for a tenant that no stack declares.
 */
export function stacksOfChange(
  { base, head, stack, gone, migrations }: StacksTouchedValues,
  report: (line: string) => void,
  repository = PROJECT_DIR,
): readonly string[] {
  if ((gone || migrations) && (base === undefined || stack !== undefined || (gone && migrations))) {
    const option = gone ? "--gone" : "--migrations";
    throw new UsageError(`${option} compares two commits: give it with --base alone`);
  }
  const commit = commitOf(head, repository);
  if (commit === undefined) throw new UsageError(`--head ${quotedText(head)}: there is no such commit in this clone`);
  const after = declaredIn(treeOf(commit, repository));
  const errors = declarationErrors(after);
  if (errors.length > 0) throw new FileErrors(errors);
  if (gone) return goneSince(base === undefined ? undefined : commitOf(base, repository), after, repository);
  if (stack !== undefined) return [known(stack, after)];
  return touchedSince(base, commit, after, report, repository, migrations ? stacksMigrated : stacksTouched);
}

function touchedSince(
  base: string | undefined,
  commit: string,
  after: Declared,
  report: (line: string) => void,
  repository: string,
  touched: typeof stacksTouched,
): string[] {
  const before = base === undefined ? undefined : commitOf(base, repository);
  if (before === undefined) {
    if (base !== undefined) report(`this clone has no commit ${quotedText(base)}: every stack counts as touched`);
    return touched([], undefined, after);
  }
  for (const stack of goneSince(before, after, repository)) {
    report(
      `Pulumi.${stack}.yaml is gone: nothing deploys ${stack} any more. Its resources stay until somebody destroys the stack`,
    );
  }
  return touched(changedPaths(before, commit, repository), declaredIn(treeOf(before, repository)), after);
}

/** Also those whose settings could not be read before. */
function goneSince(before: string | undefined, { stacks }: Declared, repository: string): string[] {
  if (before === undefined) return [];
  const had = treeOf(before, repository).paths.flatMap((path) => stackOfFile(path) ?? []);
  return had.filter((stack) => !stacks.some((other) => other.stack === stack));
}

function known(stack: string, { stacks }: Declared): string {
  if (stacks.some((other) => other.stack === stack)) return stack;
  const names = stacks.map((other) => other.stack).join(", ");
  throw new UsageError(`--stack ${quotedText(stack)}: there is no Pulumi.STACK.yaml of that name; there are: ${names}`);
}
