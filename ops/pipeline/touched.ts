import { type Declared, stacksOf } from "./declared";
import { inOrder, type Move } from "./deployment-order";
import { type StackFile, stackOfFile } from "./stack-file";

/**
 * What no deployment reads. Everything that is not listed touches every stack, so that a new folder of the program's is not
 * forgotten.
 */
const READ_BY_NO_DEPLOYMENT = [
  /^(tests|rehearsal|ops|docs|\.github|\.ci|\.vscode)\//,
  /\.md$/,
  /^(biome\.json|\.gitignore|\.gitattributes|\.editorconfig|LICENSE)$/,
];

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
  const moves: Move[] = [];
  for (const path of changed) {
    const { from, to } = around(path, before, after) ?? { from: all, to: all };
    for (const stack of [...from, ...to]) touched.add(stack);
    if (from.length === 1 && to.length === 1) moves.push({ from: from[0] ?? "", to: to[0] ?? "" });
  }
  return inOrder(
    after.stacks.filter(({ stack }) => touched.has(stack)),
    moves,
  );
}

interface Sides {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** The stacks that a path belonged and belongs to; undefined when it is everybody's. */
function around(path: string, before: Declared, after: Declared): Sides | undefined {
  const [old, now] = [before, after].map(({ tenants, stacks }) => {
    const tenant = tenants.get(path);
    return tenant ? stacksOf(tenant, stacks) : [];
  }) as [string[], string[]];
  if (old.length > 0 || now.length > 0) return { from: old, to: now };
  const stack = stackOfFile(path);
  if (stack !== undefined) return { from: [], to: [stack] };
  return isReadByNoDeployment(path, [...before.stacks, ...after.stacks]) ? { from: [], to: [] } : undefined;
}

/** Also a tenant file that no stack declares or declared, and what lies beside the tenant files, as the editors' schema does. */
function isReadByNoDeployment(path: string, stacks: readonly StackFile[]): boolean {
  return (
    READ_BY_NO_DEPLOYMENT.some((pattern) => pattern.test(path)) ||
    stacks.some(({ tenantsDir }) => path.startsWith(`${tenantsDir}/`))
  );
}
