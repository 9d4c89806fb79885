import { FileErrors, quotedText } from "../../domain/file-errors";
import { UsageError } from "../../domain/usage-error";
import { type Declared, declarationErrors, declaredIn, stacksOf } from "./declared";
import { inOrder, movesBetween } from "./deployment-order";
import { changedPaths, commitOf, treeOf } from "./revision";
import { type StackFile, stackOfFile } from "./stack-file";

/** What no deployment reads. Anything that is not listed touches every stack, so that a new folder of the program is not forgotten. */
const READ_BY_NO_DEPLOYMENT = [
  /^(cli|docs|findings|ops|rehearsal|tests)\//,
  /\.md$/,
  /^(biome|knip|renovate)\.jsonc?$/,
  /^(CODEOWNERS|LICENSE|NOTICE)$/,
  // Git, GitHub, editors and version managers have hidden files and folders. npm's alone decides what a deployment installs.
  /^\.(?!npmrc$)/,
];

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

/**
 * The stacks that a change touches, in the order to deploy them in.
 *
 * @param changed Paths that were added, changed or removed; a renamed file is both.
 * @param before What was declared; undefined if that is not known, which touches every stack.
 */
export function stacksTouched(changed: readonly string[], before: Declared | undefined, after: Declared): string[] {
  const all = after.stacks.map(({ stack }) => stack);
  if (before === undefined) return inOrder(after.stacks, []);
  const touched = new Set<string>();
  for (const path of changed) {
    for (const stack of stacksAround(path, before, after) ?? all) touched.add(stack);
  }
  return inOrder(
    after.stacks.filter(({ stack }) => touched.has(stack)),
    movesBetween(before, after),
  );
}

/** The stacks that a path belonged and belongs to; undefined for a path that belongs to all. */
function stacksAround(path: string, before: Declared, after: Declared): readonly string[] | undefined {
  const declaring = [before, after].flatMap(({ tenants, stacks }) => {
    const tenant = tenants.get(path);
    return tenant ? stacksOf(tenant, stacks) : [];
  });
  if (declaring.length > 0) return declaring;
  const stack = stackOfFile(path);
  if (stack !== undefined) return [stack];
  return isReadByNoDeployment(path, [...before.stacks, ...after.stacks]) ? [] : undefined;
}

/** True also for a tenant file that no stack declares or declared, and for others in that folder, for example the editors' schema. */
function isReadByNoDeployment(path: string, stacks: readonly StackFile[]): boolean {
  return (
    READ_BY_NO_DEPLOYMENT.some((pattern) => pattern.test(path)) ||
    stacks.some(({ tenantsDir }) => path.startsWith(`${tenantsDir}/`))
  );
}
