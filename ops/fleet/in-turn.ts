import pLimit from "p-limit";

/**
 * Does the work of each item, so many at once, each after those that it waits for. An item that fails holds up no other.
 *
 * @param items In an order in which each comes after those that it waits for.
 * @returns What the work of each gave, in that order.
 */
export async function inTurn<Result>(
  items: readonly string[],
  waits: ReadonlyMap<string, readonly string[]>,
  parallel: number,
  work: (item: string) => Promise<Result>,
): Promise<Result[]> {
  const limit = pLimit(parallel);
  const begun = new Map<string, Promise<Result>>();
  for (const item of items) {
    const before = (waits.get(item) ?? []).map((name) => begun.get(name));
    begun.set(
      item,
      Promise.allSettled(before).then(() => limit(() => work(item))),
    );
  }
  return Promise.all(begun.values());
}
