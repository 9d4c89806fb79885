import { setTimeout } from "node:timers/promises";
import { migrationFiles } from "../../database/migrations/migration-files";
import { jsonText } from "../../domain/json-text";
import type { Output, Status } from "../output";
import { PROJECT_DIR } from "../stack/pulumi-cli";
import type { StackAccess } from "../stack/stack-access";
import { readReport } from "./read-report";
import { QueryRefused, type Read, withReportSession } from "./report-session";
import { reportText } from "./show-report";

/** Homes the cursor and clears the screen, with what has scrolled off it. */
const CLEAR = "\u001b[H\u001b[2J\u001b[3J";

export interface PrintOptions {
  readonly json: boolean;
  /** Prints a report every so many seconds, as one object a line where it is JSON; undefined prints one report. */
  readonly everySeconds: number | undefined;
}

/** Prints the report of a stack's database: once, or again and again until somebody ends it. */
export async function printReports(
  access: StackAccess,
  output: Output,
  { json, everySeconds }: PrintOptions,
): Promise<Status> {
  const files = migrationFiles(access.settings.migrations.folder, PROJECT_DIR);
  const take = async (read: Read, indent?: number) => {
    const report = await readReport(read, access, output.report, files);
    return json ? jsonText(report, indent) : reportText(report);
  };
  if (everySeconds === undefined) {
    await withReportSession(access, async (read) => output.print(await take(read, 2)));
    return 0;
  }
  const ended = endOfWatch();
  const [before, after] = json ? ["", ""] : [process.stdout.isTTY === true ? CLEAR : "", "\n"];
  const watching = withReportSession(
    access,
    (read) => watch(async () => `${before}${await take(read)}${after}`, output, { seconds: everySeconds, ended }),
    ended,
  );
  await watching.catch((error: unknown) => {
    // A session that was ended while it was being opened fails too.
    if (!ended.aborted) throw error;
  });
  return 0;
}

/** Aborted by Ctrl-C, and by a reader that has gone away: without one the process would run on. */
export function endOfWatch(): AbortSignal {
  const controller = new AbortController();
  const end = () => controller.abort();
  // The terminal sends Ctrl-C to npm as well, which passes it on: it arrives twice.
  process.on("SIGINT", end);
  process.stdout.once("error", end);
  return controller.signal;
}

/**
 * Prints what `take` gives, again and again. A report that the server was too busy for is left out, and the reader is told.
 *
 * @throws What else `take` throws, for example when the session is lost, unless that is because of the end.
 */
async function watch(
  take: () => Promise<string>,
  { print, report }: Output,
  { seconds, ended }: { readonly seconds: number; readonly ended: AbortSignal },
): Promise<void> {
  try {
    while (!ended.aborted) {
      const text = await take().catch((error: unknown) => {
        if (!(error instanceof QueryRefused)) throw error;
        report(`${error.message}; the next try is in ${seconds} s`);
      });
      if (ended.aborted) return;
      if (text !== undefined) print(text);
      await setTimeout(seconds * 1000, undefined, { signal: ended });
    }
  } catch (error) {
    if (!ended.aborted) throw error;
  }
}
