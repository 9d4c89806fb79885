import { code } from "../ci/markdown";
import { type Side, UNKNOWN } from "./differences";
import type { PropertyChange } from "./property-change";
import { isSecretValue } from "./secrecy";

const MOST_CHARACTERS = 160;
/** What is repeated before a difference, so that its place is known again. */
const CONTEXT = 24;

/** A change as Markdown, on one line: `connectionLimit`: `10` → `20`. */
export function shownChange(change: PropertyChange): string {
  const replaces = change.replaces ? " (cannot be changed in place)" : "";
  switch (change.kind) {
    case "code":
      return "program code, changed";
    case "secret":
      return `${path(change.path)}: secret, changed${replaces}`;
    case "unsaid":
      return `${path(change.path)}: changed; the preview does not say how${replaces}`;
    case "values": {
      const [from, to] = shownSides(change.from, change.to);
      return `${path(change.path)}: ${from} → ${to}${replaces}`;
    }
  }
}

/** One value as Markdown, cut to a readable length. */
export function shownValue(value: unknown): string {
  return isSecretValue(value) ? "secret" : code(cut(text(value), 0));
}

/** The same of a name, which needs no quotes. */
export function shownName(value: unknown): string {
  return typeof value === "string" && !isSecretValue(value) && value !== UNKNOWN
    ? code(cut(value, 0))
    : shownValue(value);
}

function path(text: string): string {
  return code(cut(text, 0));
}

/** Of two long texts the part that differs is shown: their beginnings may well be the same. */
function shownSides(from: Side, to: Side): readonly [string, string] {
  if (typeof from === "string" || typeof to === "string") return [shownSide(from), shownSide(to)];
  const [a, b] = [text(from.value), text(to.value)];
  const start = Math.max(a.length, b.length) > MOST_CHARACTERS ? Math.max(0, common(a, b) - CONTEXT) : 0;
  return [code(cut(a, start)), code(cut(b, start))];
}

function shownSide(side: Side): string {
  if (side === "absent") return "(none)";
  return side === "unknown" ? "(known after the deployment)" : shownValue(side.value);
}

/** As JSON, so that `"1"` is not taken for `1`, and a line break stays on its line. */
function text(value: unknown): string {
  return (JSON.stringify(value) ?? "undefined").replaceAll(`"${UNKNOWN}"`, "(known after the deployment)");
}

function cut(text: string, start: number): string {
  const end = start + MOST_CHARACTERS;
  const shown = text.slice(start, end).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");
  const more = text.length > end ? `… (${text.length} characters)` : "";
  return `${start > 0 ? "…" : ""}${shown}${more}`;
}

function common(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
