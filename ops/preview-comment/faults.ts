import { code, codeBlock } from "../ci/markdown";
import type { StackPreview } from "./by-tenant";
import { plain, short } from "./engine-message";
import { parseUrn } from "./urn";
import { adviceOf } from "./violations";

/** The commit that was previewed, and where its files are looked at. */
export interface Place {
  readonly commit: string;
  /** As `https://github.com/OWNER/NAME`. */
  readonly repository: string | undefined;
}

/** Of a file that is wrong: `tenants/acme.yaml:3:14: what is wrong`. The first line of a message about files says how many. */
const FAULTS = /^\d+ faults?, nothing was changed:$/;
const FAULT = /^(\S.*?)(?::(\d+):(\d+))?: (.*)$/;
const LINKABLE = /^(?!.*\.\.)[\w-][\w./-]*\.ya?ml$/;

/** What the engine says when something else has failed before. */
const CONSEQUENCE = /^(preview|update|destroy) failed$|^resource registration failed$/;

type Told = Pick<StackPreview, "diagnostics" | "violations">;

export function hasFailed({ diagnostics, violations }: Told): boolean {
  return diagnostics.some(({ severity }) => severity === "error") || isForbidden(violations);
}

/** Whether a preview has not come to its end. One that a policy forbids has. */
export function hasStopped(told: Told): boolean {
  return faultsOf(told, undefined).length > 0;
}

/** What a failed preview says, one piece of Markdown each, besides what policies forbid. Empty: it did not fail, or only for these. */
export function faultsOf({ diagnostics, violations }: Told, place: Place | undefined): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const texts = errors.map((error) => ({ urn: error.urn ?? "", text: plain(error.message) }));
  const causes = texts.filter(({ text }) => text !== "" && !CONSEQUENCE.test(text));
  const worded = causes.length > 0 || isForbidden(violations) ? causes : texts;
  const told = new Map(worded.map((error) => [`${error.urn} ${error.text}`, error]));
  return [...told.values()].flatMap(({ urn, text }) => {
    const lines = text.split("\n");
    const heading = lines.findIndex((line) => FAULTS.test(line));
    if (heading >= 0) return fileFaults(lines.slice(heading + 1), place);
    // One line is wrapped where it is code, and not in a block of it.
    const isLine = lines.length === 1;
    return [`- ${whoFailed(urn)}:${isLine ? ` ${code(short(text))}` : `\n\n${codeBlock(short(text), "  ")}`}`];
  });
}

/** Warnings, as one text; empty when there is none. */
export function warningsOf({ diagnostics, violations }: Told): string {
  const warnings = diagnostics.filter(({ severity }) => severity === "warning").map(({ message }) => plain(message));
  return short([...new Set([...adviceOf(violations), ...warnings])].join("\n"));
}

function isForbidden(violations: Told["violations"]): boolean {
  return violations.some(({ isMandatory }) => isMandatory);
}

/** Lines that begin with a space go on with the fault before. */
function fileFaults(lines: readonly string[], place: Place | undefined): string[] {
  const faults: string[][] = [];
  for (const line of lines) {
    if (/^\s|^$/.test(line) && faults.length > 0) faults.at(-1)?.push(line);
    else faults.push([line]);
  }
  return faults.map(([first = "", ...more]) => {
    const [, path, line, column, message] = FAULT.exec(first) ?? [];
    const rest = more.join("\n").trimEnd();
    const block = rest === "" ? "" : `\n\n${codeBlock(short(rest), "  ")}`;
    if (path === undefined || message === undefined) return `- ${code(short(first))}${block}`;
    const at = code(line === undefined ? path : `${path}:${line}:${column}`);
    return `- ${linked(at, path, line, place)}: ${code(short(message))}${block}`;
  });
}

function linked(text: string, path: string, line: string | undefined, place: Place | undefined): string {
  if (place?.repository === undefined || !LINKABLE.test(path)) return text;
  return `[${text}](${place.repository}/blob/${place.commit}/${path}${line === undefined ? "" : `#L${line}`})`;
}

function whoFailed(urn: string): string {
  const name = parseUrn(urn)?.name;
  return name === undefined ? "the preview" : code(short(name));
}
