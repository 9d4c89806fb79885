import { setTimeout } from "node:timers/promises";

/** Homes the cursor and clears the screen, with what has scrolled off it. */
const CLEAR = "\u001b[H\u001b[2J\u001b[3J";

export interface WatchOptions {
  readonly seconds: number;
  /** Whether each picture takes the place of the last, as on a terminal. */
  readonly redraws: boolean;
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
  { seconds, redraws, ended }: WatchOptions,
): Promise<void> {
  try {
    while (!ended.aborted) {
      const text = await take();
      if (ended.aborted) return;
      print(redraws ? `${CLEAR}${text}` : text);
      await setTimeout(seconds * 1000, undefined, { signal: ended });
    }
  } catch (error) {
    if (!ended.aborted) throw error;
  }
}
