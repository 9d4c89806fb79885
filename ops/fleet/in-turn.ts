import pLimit from "p-limit";

/**
 * Does the work of each item, so many at once, each after those that it waits for. An item that fails holds up no other.
 *
 * @param items In an order in which each comes after those that it waits for.
 * @returns What the work of each gave, in that order.
 * @throws What the first of those threw that failed, once nothing is under way any more.
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
  const ended = await Promise.allSettled(begun.values());
  return ended.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}
