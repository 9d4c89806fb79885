import { codeBlock, visibleLines } from "./markdown";
import { withoutSecrets } from "./without-secrets";

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
      part(
        "What is there is what `main` declares, and the policies hold (`preview --refresh --expect-no-changes`)",
        preview,
        room,
      ),
      part("No tenant reaches another (`npx b2b-tenants verify`)", verify, room),
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
  return `❌ ${claim}: **no**, exit status ${result.status}.\n\n${ending(result.output, room)}`;
}

/** Of a long output the end, where the reasons are. */
function ending(output: string, room: number): string {
  const shown = visibleLines(withoutSecrets(output.trimEnd()));
  const left = shown.length - room;
  return codeBlock(left > 0 ? `… ${left} characters before this are in the run …\n${shown.slice(left)}` : shown);
}
