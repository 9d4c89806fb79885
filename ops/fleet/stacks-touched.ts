import { posix } from "node:path";
import { type Declared, stacksOf } from "./declared";
import { inOrder, movesBetween } from "./deployment-order";
import { migrationsDir, type StackFile, stackOfFile } from "./stack-file";

/** What no deployment reads. Anything that is not listed touches every stack, so that a new folder of the program is not forgotten. */
const READ_BY_NO_DEPLOYMENT = [
  /^(cli|docs|findings|ops|rehearsal|tests|tools)\//,
  /\.md$/,
  /^(biome|knip|renovate)\.jsonc?$/,
  /^(CODEOWNERS|LICENSE|NOTICE)$/,
  // Git, GitHub, editors and version managers have hidden files and folders. npm's alone decides what a deployment installs.
  /^\.(?!npmrc$)/,
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
  const migrating = stacksMigratedFrom(path, [...before.stacks, ...after.stacks]);
  if (migrating.length > 0) return migrating;
  return isReadByNoDeployment(path, [...before.stacks, ...after.stacks]) ? [] : undefined;
}

/** The stacks whose tenants run a file, if it is a migration. */
function stacksMigratedFrom(path: string, stacks: readonly StackFile[]): string[] {
  return stacks
    .filter((stack) => path.endsWith(".sql") && posix.dirname(path) === migrationsDir(stack))
    .map(({ stack }) => stack);
}

/** The stacks of which a change adds, changes or removes migrations, or names another folder for them; by their settings after it. */
export function stacksMigrated(changed: readonly string[], before: Declared | undefined, after: Declared): string[] {
  const touched = stacksTouched(changed, before, after);
  if (before === undefined) return touched;
  const migrating = new Set(changed.flatMap((path) => stacksMigratedFrom(path, after.stacks)));
  return touched.filter((name) => {
    const [was, is] = [before, after].map(({ stacks }) => stacks.find(({ stack }) => stack === name));
    return migrating.has(name) || (was && is && migrationsDir(was) !== migrationsDir(is));
  });
}

/** True also for a tenant file that no stack declares or declared, and for others in that folder, for example the editors' schema. */
function isReadByNoDeployment(path: string, stacks: readonly StackFile[]): boolean {
  return (
    READ_BY_NO_DEPLOYMENT.some((pattern) => pattern.test(path)) ||
    stacks.some(({ tenantsDir }) => path.startsWith(`${tenantsDir}/`))
  );
}
