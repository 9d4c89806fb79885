import { UNPRINTABLE } from "../../domain/printable";

/** What one stack's nightly check said. Undefined: that part was not run. */
export interface CheckedStack {
  readonly stack: string;
  readonly preview: CheckResult | undefined;
  readonly verify: CheckResult | undefined;
}

export interface CheckResult {
  readonly status: number;
  readonly output: string;
}

/** GitHub takes 65,536. */
const MOST_CHARACTERS = 65_000;

/** What stands around the two outputs of a stack, with the longest name that a stack can have. */
const FRAME_CHARACTERS = 600;

/**
 * The text of the issue, in Markdown; undefined if everything holds.
 *
 * @param run Address of the CI run, where the whole output is.
 */
export function driftReport(checked: readonly CheckedStack[], run: string): string | undefined {
  const failing = checked.filter((stack) => !holds(stack));
  if (failing.length === 0) return undefined;
  const room = Math.max(0, Math.floor((MOST_CHARACTERS / failing.length - FRAME_CHARACTERS) / 2));
  const sections = failing.map(({ stack, preview, verify }) =>
    [
      `## Stack \`${stack}\``,
      part("What is there is what `main` declares (`preview --refresh --expect-no-changes`)", preview, room),
      part("No tenant reaches another (`npm run verify`)", verify, room),
    ].join("\n\n"),
  );
  const held = checked.length - failing.length;
  const others = held === 0 ? "" : ` ${held} more ${held === 1 ? "stack holds" : "stacks hold"}.`;
  return `The nightly check failed: [its run](${run}).${others}\n\n${sections.join("\n\n")}\n`;
}

function holds({ preview, verify }: CheckedStack): boolean {
  return preview?.status === 0 && verify?.status === 0;
}

function part(claim: string, result: CheckResult | undefined, room: number): string {
  if (result === undefined) return `❔ ${claim}: not checked, see the run.`;
  if (result.status === 0) return `✅ ${claim}.`;
  return `❌ ${claim}: **no**, exit status ${result.status}.\n\n${codeBlock(result.output, room)}`;
}

/** Text of unknown origin as a block that nothing in it can end. Of a long one the end is kept, where the reasons are. */
function codeBlock(text: string, room: number): string {
  const shown = text
    .replace(/\r\n/g, "\n")
    .split("\n")
    .map((line) => line.replace(UNPRINTABLE, escaped))
    .join("\n")
    // A run without end would have to stand between two that are longer still.
    .replace(/`{10,}/g, "`````````…")
    .trimEnd();
  const left = shown.length - room;
  const kept = left > 0 ? `… ${left} characters before this are in the run …\n${shown.slice(left)}` : shown;
  const longest = Math.max(2, ...[...kept.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${kept}\n${fence}`;
}

function escaped(character: string): string {
  return character === "\t" ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
