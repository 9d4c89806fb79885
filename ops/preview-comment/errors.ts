import { counted } from "../../domain/counted";
import { parseUrn } from "../../domain/urn";
import { alert, code, codeBlock, details } from "../ci/markdown";
import type { StackPreview } from "./by-tenant";
import { isPast, type Section } from "./limit";
import { beginning, plainMessage } from "./messages";
import { adviceOf, violationSection } from "./violations";

/** The commit that was previewed, and where its files can be seen. */
export interface Place {
  readonly commit: string;
  /** For example `https://github.com/OWNER/NAME`. */
  readonly repository: string | undefined;
}

/** The first line of a message about files says how many errors follow: `tenants/acme.yaml:3:14: what is wrong`. */
const FILE_ERRORS = /^\d+ errors?, nothing was changed:$/;
const FILE_ERROR = /^(\S.*?)(?::(\d+):(\d+))?: (.*)$/;
const LINKABLE = /^(?!.*\.\.)[\w-][\w./-]*\.ya?ml$/;

/** What the engine says when something else has failed before. */
const CONSEQUENCE = /^(preview|update|destroy) failed$|^resource registration failed$/;

/** So many errors are listed where there is little room. */
const FEW = 10;

type Messages = Pick<StackPreview, "diagnostics" | "violations">;

export function hasFailed({ diagnostics, violations }: Messages): boolean {
  return diagnostics.some(({ severity }) => severity === "error") || isForbidden(violations);
}

/** Whether a preview ended early. One that only a policy forbids is complete. */
export function hasStopped(messages: Messages): boolean {
  return errorsOf(messages, undefined).length > 0;
}

/** The box that says that a preview failed, and below it why. Empty when it did not. */
export function errorSections(preview: StackPreview, isOneOfSeveral: boolean, place: Place | undefined): Section[] {
  if (!hasFailed(preview)) return [];
  const errors = errorsOf(preview, place);
  const forbidden = preview.violations.filter(({ isMandatory }) => isMandatory).length;
  const reasons = [
    ...(errors.length > 0 ? [counted(errors.length, "error")] : []),
    ...(forbidden > 0 ? [counted(forbidden, "violation of a policy", "violations of policies")] : []),
  ].join(", ");
  const of = isOneOfSeveral ? ` of ${code(preview.stack)}` : "";
  const box = alert("CAUTION", `**The preview${of} failed: ${reasons}.** Nothing can be deployed as it is.`);
  const few = [...errors.slice(0, FEW), ...(errors.length > FEW ? [`- and ${errors.length - FEW} more`] : [])];
  return [
    { at: () => box },
    {
      of: [errors.length, "error", "errors"],
      at: (level) => (isPast(level, "errors counted") ? [] : isPast(level, "few errors") ? few : errors).join("\n"),
    },
    violationSection(preview.violations),
  ];
}

/** What previews and policies warn of, to be unfolded. */
export function warningSection({ diagnostics, violations }: Messages): Section {
  const warnings = diagnostics.filter(({ severity }) => severity === "warning");
  const texts = new Set([...adviceOf(violations), ...warnings.map(({ message }) => plainMessage(message))]);
  const text = beginning([...texts].join("\n"));
  return {
    of: [texts.size, "warning", "warnings"],
    at: (level) => (text === "" || isPast(level, "no lists of resources") ? "" : details("Warnings", codeBlock(text))),
  };
}

/** Why a preview failed besides what policies forbid, one piece of Markdown for each error. */
function errorsOf({ diagnostics, violations }: Messages, place: Place | undefined): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const texts = errors.map((error) => ({ urn: error.urn ?? "", text: plainMessage(error.message) }));
  const causes = texts.filter(({ text }) => text !== "" && !CONSEQUENCE.test(text));
  const meaningful = causes.length > 0 || isForbidden(violations) ? causes : texts;
  const distinct = new Map(meaningful.map((error) => [`${error.urn} ${error.text}`, error]));
  return [...distinct.values()].flatMap(({ urn, text }) => {
    const lines = text.split("\n");
    const heading = lines.findIndex((line) => FILE_ERRORS.test(line));
    if (heading >= 0) return fileErrors(lines.slice(heading + 1), place);
    const name = parseUrn(urn)?.name;
    const subject = name === undefined ? "the preview" : code(beginning(name));
    return [`- ${subject}:${lines.length === 1 ? ` ${code(beginning(text))}` : indentedBlock(text)}`];
  });
}

function isForbidden(violations: Messages["violations"]): boolean {
  return violations.some(({ isMandatory }) => isMandatory);
}

/** A line that begins with a space belongs to the error before it. */
function fileErrors(lines: readonly string[], place: Place | undefined): string[] {
  const errors: string[][] = [];
  for (const line of lines) {
    if (/^\s|^$/.test(line) && errors.length > 0) errors.at(-1)?.push(line);
    else errors.push([line]);
  }
  return errors.map(([first = "", ...more]) => {
    const [, path, line, column, message] = FILE_ERROR.exec(first) ?? [];
    const rest = more.join("\n").trimEnd();
    const block = rest === "" ? "" : indentedBlock(rest);
    if (path === undefined || message === undefined) return `- ${code(beginning(first))}${block}`;
    const at = code(line === undefined ? path : `${path}:${line}:${column}`);
    return `- ${linked(at, path, line, place)}: ${code(beginning(message))}${block}`;
  });
}

function indentedBlock(text: string): string {
  return `\n\n${codeBlock(beginning(text), "  ")}`;
}

function linked(text: string, path: string, line: string | undefined, place: Place | undefined): string {
  if (place?.repository === undefined || !LINKABLE.test(path)) return text;
  return `[${text}](${place.repository}/blob/${place.commit}/${path}${line === undefined ? "" : `#L${line}`})`;
}
