import type { Output, Status } from "../run-command";
import type { StackAccess } from "../stack-access";
import { readReport } from "./read-report";
import { withReadingSession } from "./reading-session";
import { reportText } from "./show-report";
import { watch } from "./watch";

export interface PrintOptions {
  readonly json: boolean;
  /** Again and again, with one session kept; undefined prints one report. */
  readonly everySeconds: number | undefined;
}

/** Prints the report of a stack's database, or one after the other until nobody wants any more. */
export async function printReports(
  access: StackAccess,
  output: Output,
  { json, everySeconds }: PrintOptions,
): Promise<Status> {
  const ended = everySeconds === undefined ? undefined : nobodyWatches();
  const reading = withReadingSession(
    access,
    async (read, admin) => {
      const take = async () => {
        const report = await readReport(read, admin, access, output.report);
        // One object a line, for who reads them as they come.
        return json ? JSON.stringify(report, undefined, everySeconds === undefined ? 2 : 0) : reportText(report);
      };
      if (ended === undefined) output.print(await take());
      else {
        const redraws = !json && process.stdout.isTTY === true;
        await watch(take, output.print, { seconds: everySeconds ?? 0, redraws, ended });
      }
    },
    ended,
  );
  await reading.catch((error: unknown) => {
    // A session that was given up while it was being opened.
    if (!ended?.aborted) throw error;
  });
  return 0;
}

/** Ctrl-C, or a reader that has gone away: the process itself would go on without one. */
function nobodyWatches(): AbortSignal {
  const controller = new AbortController();
  const end = () => controller.abort();
  process.once("SIGINT", end);
  process.stdout.once("error", end);
  return controller.signal;
}
