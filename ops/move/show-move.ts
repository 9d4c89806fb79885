import { relative } from "node:path";
import { counted } from "../../domain/counted";
import { jsonText } from "../../domain/json-text";
import { printable } from "../../domain/printable";
import { PROJECT_DIR } from "../stack/pulumi-cli";
import type { TenantMove } from "./plan-move";

/** What the previews of the stacks concerned show after a move. */
export interface Moved {
  readonly to: string;
  readonly stacks: readonly string[];
  readonly changes: readonly string[];
}

/** What is going to be done, for people. */
export function planText(moves: readonly TenantMove[], to: string): string {
  return [
    ...moves.map((move) => `${move.slug}: ${whatIsLeft(move, to)}`),
    "Nothing in the database or in AWS is changed.",
  ].join("\n");
}

function whatIsLeft({ from, inBoth, isDeclaredElsewhere }: TenantMove, to: string): string {
  const file = isDeclaredElsewhere ? ["its file names that stack"] : [];
  if (from === undefined) return ["is in the state of", to, "already;", ...file].join(" ");
  if (inBoth) return [`is in the states of ${from} and ${to}: goes from that of ${from}`, ...file].join(", ");
  return [`moves from the state of ${from} to that of ${to}`, ...file].join(", ");
}

/**
 * What came of it.
 *
 * @param stacks Those whose previews show the changes.
 * @param place The options that the next command has to repeat, each after a space.
 */
export function movedText(
  moves: readonly TenantMove[],
  { to, stacks, changes, place }: Moved & { readonly place: string },
): string {
  const slugs = moves.map(({ slug }) => slug).join(", ");
  if (changes.length > 0) {
    return [
      `${slugs}: in ${to}, and protected from deletion, but these changes are waiting:`,
      ...changes.map((change) => `  ${printable(change)}`),
      "Find out what causes them. To take the move back:",
      ...stacks.filter((stack) => stack !== to).map((from) => `  ${commandFor(moves, from)}${place}`),
    ].join("\n");
  }
  const files = moves.map(({ file }) => relative(PROJECT_DIR, file)).join(" ");
  return [
    `${slugs}: ${moves.length === 1 ? "is" : "are"} in ${to}. The previews of ${stacks.join(" and ")} show no change.`,
    "",
    "Next:",
    `  git add ${files}   # and merge it; until both stacks have been deployed from it, whatever would delete ${counted(moves.length, "tenant")} fails`,
    `  npx b2b-tenants fleet up --stack ${stacks.join(",")}${place}   # changes nothing but outputs and that protection; unless CI does it`,
  ].join("\n");
}

function commandFor(moves: readonly TenantMove[], from: string): string {
  const slugs = moves.filter((move) => move.from === from).map(({ slug }) => slug);
  return `npx b2b-tenants move ${slugs.join(",")} --to-stack ${from}`;
}

export function movedJson(moves: readonly TenantMove[], { to, changes }: Moved): string {
  const tenants = moves.map(({ slug, from, isDeclaredElsewhere }) => ({
    slug,
    from: from ?? null,
    to,
    result: from === undefined && !isDeclaredElsewhere ? "was there" : "moved",
  }));
  return jsonText({ tenants, waiting: changes }, 2);
}
