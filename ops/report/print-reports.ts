import type { Output, Status } from "../../cli/run-command";
import { jsonText } from "../../domain/json-text";
import type { StackAccess } from "../stack/stack-access";
import { readReport } from "./read-report";
import { withReadingSession } from "./reading-session";
import { reportText } from "./show-report";
import { watch } from "./watch";

/** Homes the cursor and clears the screen, with what has scrolled off it. */
const CLEAR = "\u001b[H\u001b[2J\u001b[3J";

export interface PrintOptions {
  readonly json: boolean;
  /** Again and again, from one session, as an object a line where it is JSON; undefined prints one report. */
  readonly everySeconds: number | undefined;
}

/** Prints the report of a stack's database, or one after the other until nobody wants any more. */
export async function printReports(
  access: StackAccess,
  output: Output,
  { json, everySeconds }: PrintOptions,
): Promise<Status> {
  if (everySeconds === undefined) {
    await withReadingSession(access, async (read) => {
      const report = await readReport(read, access, output.report);
      output.print(json ? jsonText(report, 2) : reportText(report));
    });
    return 0;
  }
  const ended = nobodyWatches();
  const before = process.stdout.isTTY === true ? CLEAR : "";
  const watching = withReadingSession(
    access,
    async (read) => {
      const take = async () => {
        const report = await readReport(read, access, output.report);
        return json ? jsonText(report) : `${before}${reportText(report)}\n`;
      };
      await watch(take, output, { seconds: everySeconds, ended });
    },
    ended,
  );
  await watching.catch((error: unknown) => {
    // A session that was given up while it was being opened.
    if (!ended.aborted) throw error;
  });
  return 0;
}

/** Ctrl-C, or a reader that has gone away: the process itself would go on without one. */
export function nobodyWatches(): AbortSignal {
  const controller = new AbortController();
  const end = () => controller.abort();
  // npm passes on what the terminal has sent to both, so it comes twice.
  process.on("SIGINT", end);
  process.stdout.once("error", end);
  return controller.signal;
}
