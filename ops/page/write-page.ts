import { errorMessage } from "../../database/error-message";
import { migrationFiles } from "../../database/migrations/migration-files";
import { jsonText } from "../../domain/json-text";
import { printable } from "../../domain/printable";
import type { Output, Status } from "../output";
import { readReport } from "../report/read-report";
import { withReportSession } from "../report/report-session";
import { reportText } from "../report/show-report";
import { PROJECT_DIR } from "../stack/pulumi-cli";
import type { StackAccess } from "../stack/stack-access";
import { assertWritable, typedPath } from "../typed-path";
import { verifyIsolation } from "../verify/verification";
import { type ProofOptions, printProof } from "../verify/verify";
import { readBackups } from "./backups";
import type { Charts } from "./charts";
import type { PageContent } from "./content";
import { loadCharts } from "./draw-charts";
import { madeFrom } from "./made-from";
import { readPageData, writePageFile } from "./page-file";
import type { PageOptions } from "./page-options";
import { renderPage } from "./render-page";

/** Prints the report of a stack's database, and writes the page of its fleet. What cannot be found out is left out, and the page says so. */
export async function writeFleetPage(
  access: StackAccess,
  output: Output,
  { json, page }: { readonly json: boolean; readonly page: PageOptions },
): Promise<Status> {
  const ready = prepared(page);
  const fleet = { stack: access.stack, database: access.settings.database.name };
  const before = page.since === undefined ? undefined : readPageData(typedPath(page.since), fleet);
  const files = migrationFiles(access.settings.migrations.folder, PROJECT_DIR);
  const report = await withReportSession(access, (read) => readReport(read, access, output.report, files));
  output.print(json ? jsonText(report, 2) : reportText(report));
  const unavailable = (error: unknown) => ({ unavailable: printable(errorMessage(error)) });
  const proof = page.proof ? await verifyIsolation(access, output).catch(unavailable) : undefined;
  const content: PageContent = {
    madeFrom: madeFrom(access, { takenAt: report.takenAt, server: report.server.version }),
    report,
    proof: proof ?? { unavailable: "--no-proof" },
    thresholds: access.settings.alarms?.thresholds,
    before,
    backups: await readBackups(access).catch(unavailable),
  };
  await write(content, page, await ready, output);
  return proof !== undefined && "unavailable" in proof ? failed(proof.unavailable, output) : 0;
}

/** Proves the isolation of a stack's tenants, prints the proof, and writes its page. */
export async function writeProofPage(
  access: StackAccess,
  output: Output,
  { page, ...options }: ProofOptions & { readonly page: PageOptions },
): Promise<Status> {
  const ready = prepared(page);
  const proof = await verifyIsolation(access, output);
  const status = printProof(proof, output, options);
  const content: PageContent = {
    madeFrom: madeFrom(access, { takenAt: new Date().toISOString(), server: undefined }),
    report: undefined,
    proof,
    thresholds: undefined,
    before: undefined,
    backups: undefined,
  };
  await write(content, page, await ready, output);
  return status;
}

/** Whether the page can be written is asked first; what draws it is loaded while the server is asked. */
function prepared({ file }: PageOptions): Promise<Charts> {
  assertWritable(typedPath(file));
  const charts = loadCharts();
  // When the server cannot be reached, this failure must not end the process.
  charts.catch(() => {});
  return charts;
}

async function write(content: PageContent, page: PageOptions, charts: Charts, { report }: Output): Promise<void> {
  const { text, digest } = renderPage(content, charts, page.language);
  await writePageFile(typedPath(page.file), text);
  report(`wrote ${printable(page.file)}; SHA-256 of its data: ${digest}`);
}

function failed(why: string, { report }: Output): Status {
  report(`error: the isolation could not be proved: ${why}`);
  return 1;
}
