/** Keeps the comment below GitHub's limit: what is left out, and in what order. */
import { counted } from "../../domain/counted";

/** GitHub refuses a comment of more than 65,536 characters. */
export const MOST_CHARACTERS = 65_000;

/** How much is left out, step by step until the comment fits. Deletions are always told, at the end as a list of slugs. */
export const LEVELS = [
  "everything",
  "no lists of resources",
  "onboarded tenants by slug",
  "changed tenants by slug",
  "few errors",
  "errors counted",
  "deletions in short",
  "deletions by slug",
] as const;
export type Level = (typeof LEVELS)[number];
const SHORTEST: Level = "deletions by slug";

/** Whether a comment of a level leaves out what goes with another one. */
export function isPast(level: Level, other: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(other);
}

/** A piece of the comment. */
export interface Section {
  /** Its Markdown; empty when there is nothing to say. */
  at(level: Level): string;
  /** What it tells of, in one and many: ["changed tenant", "changed tenants"]. Undefined for what is the same at every level. */
  readonly of?: readonly [number: number, one: string, many: string];
  /** It stands in every comment, whatever else has no room: the heading, and what ends. */
  readonly isKept?: true;
}

const GAP = "\n\n";

/** The sections one below the other, as full as the limit allows, and a line that says what was left out. */
export function fitted(sections: readonly Section[], most = MOST_CHARACTERS): string {
  const full = sections.map(({ at }) => at("everything"));
  for (const level of LEVELS) {
    const texts = level === "everything" ? full : sections.map(({ at }) => at(level));
    const shortened = sections.filter((_, index) => texts[index] !== full[index]);
    const text = [...texts, leftOut(shortened)].filter(Boolean).join(GAP);
    if (text.length <= most) return text;
  }
  return cutShort(sections, most);
}

/** What is kept comes first, and of the rest the whole lines for which there is room: something is too long even at its shortest. */
function cutShort(sections: readonly Section[], most: number): string {
  const texts = (isKept: boolean) =>
    sections
      .filter((section) => (section.isKept ?? false) === isKept)
      .map(({ at }) => at(SHORTEST))
      .filter(Boolean)
      .join(GAP);
  const notice = "**The rest is left out.** `pulumi preview --diff` shows all of it.";
  const room = most - notice.length - GAP.length;
  const kept = wholeLines(texts(true), room);
  const rest = wholeLines(texts(false), room - kept.length - GAP.length);
  return [kept, rest, notice].filter(Boolean).join(GAP);
}

/** The beginning of a Markdown text. A block of code that would be cut is left out, since it would take in what follows. */
function wholeLines(text: string, most: number): string {
  if (text.length <= most) return text;
  const beginning = text.slice(0, Math.max(0, most));
  const lines = beginning.slice(0, Math.max(0, beginning.lastIndexOf("\n"))).split("\n");
  let fence: { readonly text: string; readonly line: number } | undefined;
  for (const [line, written] of lines.entries()) {
    const [, found] = /^\s*(`{3,})(?:text)?$/.exec(written) ?? [];
    if (found === undefined) continue;
    if (fence === undefined) fence = { text: found, line };
    else if (fence.text === found) fence = undefined;
  }
  return lines.slice(0, fence?.line).join("\n").trimEnd();
}

function leftOut(shortened: readonly Section[]): string {
  const numbers = new Map<string, { many: string; number: number }>();
  for (const { of } of shortened) {
    if (of === undefined) continue;
    const [number, one, many] = of;
    numbers.set(one, { many, number: (numbers.get(one)?.number ?? 0) + number });
  }
  if (numbers.size === 0) return "";
  const told = [...numbers].map(([one, { many, number }]) => counted(number, one, many)).join(", ");
  return `**Left out, because GitHub does not accept a longer comment:** details of ${told}. \`pulumi preview --diff\` shows all of it.`;
}
