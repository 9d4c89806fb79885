import { setTimeout } from "node:timers/promises";
import type { Output } from "../../cli/run-command";
import { QueryRefused } from "./reading-session";

export interface WatchOptions {
  readonly seconds: number;
  /** Ends the watch: somebody has pressed Ctrl-C, or nobody reads any more. */
  readonly ended: AbortSignal;
}

/**
 * Prints what `take` gives, again and again, until somebody ends it. A report that the server was too busy for is left out, and that
 * is told.
 *
 * @throws What `take` throws otherwise, as when the session is lost, unless that is because of the end.
 */
export async function watch(
  take: () => Promise<string>,
  { print, report }: Output,
  { seconds, ended }: WatchOptions,
): Promise<void> {
  const takeOrTell = () =>
    take().catch((error: unknown) => {
      if (!(error instanceof QueryRefused)) throw error;
      report(`${error.message}; the next try is in ${seconds} s`);
      return undefined;
    });
  try {
    while (!ended.aborted) {
      const text = await takeOrTell();
      if (ended.aborted) return;
      if (text !== undefined) print(text);
      await setTimeout(seconds * 1000, undefined, { signal: ended });
    }
  } catch (error) {
    if (!ended.aborted) throw error;
  }
}
