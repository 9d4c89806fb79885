import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { counted } from "../../domain/counted";
import { quotedText } from "../../domain/file-errors";
import { STACK_PATTERN } from "../../domain/names";
import { UsageError } from "../../domain/usage-error";
import { codeBlock, visibleLines } from "./markdown";
import { withoutSecrets } from "./without-secrets";

/** What the nightly check of one stack printed; undefined for a part that did not run. */
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

/** Room for the text around the two outputs of a stack, with the longest name that a stack can have. */
const FRAME_CHARACTERS = 600;

/** So many stacks are told with their outputs: of more, too little of each would be left. */
const MOST_IN_FULL = 50;

/** Room for the names of the others, and for what stands above all stacks. */
const NAMES_CHARACTERS = 10_000;
const OPENING_CHARACTERS = 1_000;

/**
 * The text of the issue, in Markdown; undefined if everything holds.
 *
 * @param run Address of the CI run, where the whole output is.
 */
export function driftReport(checked: readonly CheckedStack[], run: string): string | undefined {
  const failing = checked.filter((stack) => !holds(stack));
  if (failing.length === 0) return undefined;
  const inFull = failing.slice(0, MOST_IN_FULL);
  const inShort = namesOf(failing.slice(MOST_IN_FULL));
  const most = MOST_CHARACTERS - OPENING_CHARACTERS - inShort.length;
  const room = Math.floor((most / inFull.length - FRAME_CHARACTERS) / 2);
  const sections = inFull.map(({ stack, preview, verify }) =>
    [
      `## Stack \`${stack}\``,
      part(
        "What is deployed is what `main` declares, and the policies hold (`preview --refresh --expect-no-changes`)",
        preview,
        room,
      ),
      part("No tenant reaches another (`npx b2b-tenants verify`)", verify, room),
    ].join("\n\n"),
  );
  const held = checked.length - failing.length;
  const others = held === 0 ? "" : ` ${counted(held, "other stack holds", "other stacks hold")}.`;
  return `The nightly check failed: [its run](${run}).${others}\n\n${[...sections, inShort].filter(Boolean).join("\n\n")}\n`;
}

/** Those that there is no room for, by name, and how many are not even named. */
function namesOf(stacks: readonly CheckedStack[]): string {
  if (stacks.length === 0) return "";
  let room = NAMES_CHARACTERS;
  const named = stacks.filter(({ stack }) => {
    room -= stack.length + "``, ".length;
    return room >= 0;
  });
  const more = stacks.length - named.length;
  const names = named.map(({ stack }) => `\`${stack}\``).join(", ");
  const number = counted(stacks.length, "more stack does not hold", "more stacks do not hold");
  return `## ${number}\n\nWhat they printed is in the run: ${names}${more > 0 ? ` and ${more} more` : ""}.`;
}

function holds({ preview, verify }: CheckedStack): boolean {
  return preview?.status === 0 && verify?.status === 0;
}

function part(claim: string, result: CheckResult | undefined, room: number): string {
  if (result === undefined) return `❔ ${claim}: not checked; see the run.`;
  if (result.status === 0) return `✅ ${claim}.`;
  return `❌ ${claim}: **no**, exit status ${result.status}.\n\n${ending(result.output, room)}`;
}

/** The end of a long output, where the reasons are. */
function ending(output: string, room: number): string {
  const shown = visibleLines(withoutSecrets(output.trimEnd()));
  const left = shown.length - room;
  return codeBlock(left > 0 ? `… the ${left} characters before this are in the run …\n${shown.slice(left)}` : shown);
}

/**
 * What the nightly checks of the stacks have left in a folder: for each stack a folder of its name with `preview.txt`,
 * `preview.status`, `verify.txt` and `verify.status`.
 *
 * @param stacks A JSON array of names. @throws UsageError when it is none.
 */
export function checkedStacksIn(folder: string, stacks: string): CheckedStack[] {
  return names(stacks).map((stack) => checkedStack(folder, stack));
}

function names(stacks: string): string[] {
  try {
    return z.array(z.string().regex(STACK_PATTERN)).parse(JSON.parse(stacks));
  } catch {
    throw new UsageError(`not a JSON array of stacks: ${quotedText(stacks)}`);
  }
}

function checkedStack(folder: string, stack: string): CheckedStack {
  const result = (name: string): CheckResult | undefined => {
    const status = text(join(folder, stack, `${name}.status`));
    const printed = text(join(folder, stack, `${name}.txt`)) ?? "";
    return status === undefined ? undefined : { status: Number.parseInt(status, 10), output: printed };
  };
  return { stack, preview: result("preview"), verify: result("verify") };
}

/** Undefined when there is no such file, since the check did not run. */
function text(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
