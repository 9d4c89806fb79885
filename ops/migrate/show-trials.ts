import { counted } from "../../domain/counted";
import { jsonText } from "../../domain/json-text";
import { printable } from "../../domain/printable";
import { durationText } from "../../domain/quantities";
import { code, codeBlock, shortened } from "../ci/markdown";
import type { TouchedTable, Trial, TriedFile } from "./trial";

/** Where a single statement is worth a look: a backend waits for it. */
const MARK = "!";

export function trialsText(trials: readonly Trial[]): string {
  if (trials.length === 0) return "No tenant of this stack has a migration to run.";
  return [...trials.map(trialText), summary(trials)].join("\n\n");
}

function trialText({ tenant, outcome, at, copyMilliseconds, files, error }: Trial): string {
  const copied = copyMilliseconds === null ? "" : `, copied in ${durationText(copyMilliseconds)}`;
  return [
    `${tenant}: ${outcome}, at ${at ?? "0000"}${copied}`,
    ...files.flatMap(fileLines),
    ...(error === null ? [] : [`  ${MARK} ${error}`]),
  ].join("\n");
}

function fileLines({ name, milliseconds, rows, tables, unseen }: TriedFile): string[] {
  const telling = tables.filter(({ blocks, rewritten, dropped }) => blocks !== null || rewritten || dropped);
  return [
    `  ${name}: ${durationText(milliseconds)}, ${counted(rows, "row")}${telling.length === 0 ? ", blocks nobody" : ""}`,
    ...telling.map(tableLine),
    ...unseen.map((line) => `    the locks of line ${line} cannot be seen`),
  ];
}

function tableLine({ table, lock, blocks, line, milliseconds, rewritten, dropped }: TouchedTable): string {
  const what = [...(rewritten ? ["rewritten"] : []), ...(dropped ? ["dropped"] : [])];
  const blocked = blocks === null ? "" : `, blocks ${blocks} for ${durationText(milliseconds)}`;
  const mark = blocks === "reads and writes" ? MARK : " ";
  return `  ${mark} ${printable(table)}: ${lock} from line ${line} on${blocked}${what.map((one) => `, ${one}`).join("")}`;
}

function summary(trials: readonly Trial[]): string {
  const failed = trials.filter(({ outcome }) => outcome === "failed").map(({ tenant }) => tenant);
  const passed = trials.filter(({ outcome }) => outcome === "passed").length;
  const idle = trials.length - failed.length - passed;
  const parts = [
    `${passed} passed`,
    ...(idle > 0 ? [`${idle} had nothing to run`] : []),
    failed.length > 0 ? `${failed.length} failed: ${failed.join(", ")}` : "none failed",
  ];
  return `${counted(trials.length, "tenant")}: ${parts.join(", ")}`;
}

/** For a comment on a pull request. */
export function trialsMarkdown(stack: string, trials: readonly Trial[]): string {
  const heading = `**Migrations tried on copies of tenants of ${code(stack)}**`;
  return [heading, codeBlock(shortened(trialsText(trials)))].join("\n\n");
}

export function trialsJson(stack: string, tenants: readonly Trial[]): string {
  return jsonText({ stack, passed: tenants.every(({ outcome }) => outcome !== "failed"), tenants }, 2);
}
