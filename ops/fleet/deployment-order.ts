import { type Declared, stacksOf } from "./declared";
import { byName, type StackFile } from "./stack-file";

/** A tenant that leaves one stack for another. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** The tenants that change their stack, by their own file or by what the stacks' settings say. */
export function movesBetween(before: Declared, after: Declared): Move[] {
  const homes = homesOf(after);
  return [...homesOf(before)].flatMap(([slug, from]) => {
    const to = homes.get(slug);
    return to === undefined || to === from ? [] : [{ from, to }];
  });
}

/** The stack of each tenant that has one exactly. */
function homesOf({ tenants, stacks }: Declared): Map<string, string> {
  const homes = new Map<string, string[]>();
  for (const tenant of tenants.values()) {
    homes.set(tenant.slug, [...(homes.get(tenant.slug) ?? []), ...stacksOf(tenant, stacks)]);
  }
  return new Map(
    [...homes].flatMap(([slug, [stack, ...others]]) => (stack && others.length === 0 ? [[slug, stack]] : [])),
  );
}

/**
 * Stacks in the order to deploy them in: the fleet's first, since it shuts PUBLIC out of the database; but the stack that a tenant
 * leaves before the one that takes it, which would find the tenant's role and schema still there.
 */
export function inOrder(stacks: readonly StackFile[], moves: readonly Move[]): string[] {
  const waiting = [...stacks].sort(fleetFirst).map(({ stack }) => stack);
  const ordered: string[] = [];
  while (waiting.length > 0) {
    const isFree = (stack: string) => !moves.some(({ from, to }) => to === stack && waiting.includes(from));
    // Two stacks that swap tenants wait for each other: either may begin.
    const next = waiting.find(isFree) ?? waiting[0] ?? "";
    waiting.splice(waiting.indexOf(next), 1);
    ordered.push(next);
  }
  return ordered;
}

/**
 * For each stack what it has to wait for where several are deployed at once: of those before it in the order, the fleet stack of its
 * folder, and every stack that a tenant leaves for it.
 *
 * @param ordered As `inOrder` orders them.
 */
export function waitsFor(ordered: readonly StackFile[], moves: readonly Move[]): Map<string, readonly string[]> {
  return new Map(
    ordered.map(({ stack, tenantsDir }, place) => {
      const before = ordered.slice(0, place).filter((other) => {
        const isFleets = other.fleet && other.tenantsDir === tenantsDir;
        return isFleets || moves.some(({ from, to }) => from === other.stack && to === stack);
      });
      return [stack, before.map((other) => other.stack)];
    }),
  );
}

function fleetFirst(a: StackFile, b: StackFile): number {
  if (a.fleet !== b.fleet) return a.fleet ? -1 : 1;
  return byName(a, b);
}
