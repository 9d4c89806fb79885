import { escapeCharacter } from "./printable";

/** Every error found in one reading of files or settings. Nothing else may run once it is thrown. */
export class FileErrors extends Error {
  override readonly name = "FileErrors";

  /**
   * @param errors One text each, for example `tenants/acme.yaml:3:14: what is wrong, what was found, what is allowed`.
   */
  constructor(readonly errors: readonly string[]) {
    super(`${errors.length === 1 ? "1 error" : `${errors.length} errors`}, nothing was changed:\n${errors.join("\n")}`);
  }
}

const SHOWN_LENGTH = 60;

/**
 * A value as an error may show it: on one line, short, and without what could be a secret: user names and passwords
 * before an `@`, queries, and the contents of lists and mappings.
 */
export function describedValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "an empty value";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value !== "string") return String(value);
  const masked = value.replace(/^.*@/s, "***@").replace(/([?#]).*$/s, "$1***");
  return quotedText(masked);
}

/** A text of unknown origin in double quotes, cut to a readable length, with no character that a terminal would act on. */
export function quotedText(text: string): string {
  const cut = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  return JSON.stringify(cut).replace(/[\p{C}\p{Z}]/gu, (c) => (c === " " ? c : escapeCharacter(c)));
}

/** `tenant.allowedOrigins[2]` of a path into a file or a setting. */
export function dotted(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`));
  return parts.join("").replace(/^\./, "");
}
