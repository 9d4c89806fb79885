import { setTimeout } from "node:timers/promises";

export interface WatchOptions {
  readonly seconds: number;
  /** Ends the watch: somebody has pressed Ctrl-C, or nobody reads any more. */
  readonly ended: AbortSignal;
}

/**
 * Prints what `take` gives, again and again, until somebody ends it.
 *
 * @throws What `take` throws, unless that is because of the end.
 */
export async function watch(
  take: () => Promise<string>,
  print: (text: string) => void,
  { seconds, ended }: WatchOptions,
): Promise<void> {
  try {
    while (!ended.aborted) {
      const text = await take();
      if (ended.aborted) return;
      print(text);
      await setTimeout(seconds * 1000, undefined, { signal: ended });
    }
  } catch (error) {
    if (!ended.aborted) throw error;
  }
}
