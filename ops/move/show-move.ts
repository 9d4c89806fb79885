import { relative } from "node:path";
import { counted } from "../../domain/counted";
import { jsonText } from "../../domain/json-text";
import { printable } from "../../domain/printable";
import { PROJECT_DIR } from "../stack/pulumi-cli";
import type { TenantMove } from "./plan-move";

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

/** What came of it. @param changes What the previews of these stacks show now. */
export function movedText(
  moves: readonly TenantMove[],
  to: string,
  stacks: readonly string[],
  changes: readonly string[],
): string {
  const slugs = moves.map(({ slug }) => slug).join(", ");
  if (changes.length > 0) {
    return [
      `${slugs}: in ${to}, and protected from deletion, but these changes are waiting:`,
      ...changes.map((change) => `  ${printable(change)}`),
      `Find out what causes them. To take the move back: npx b2b-tenants move ${moves.map(({ slug }) => slug).join(",")} --to-stack STACK`,
    ].join("\n");
  }
  const files = moves.map(({ file }) => relative(PROJECT_DIR, file)).join(" ");
  return [
    `${slugs}: ${moves.length === 1 ? "is" : "are"} in ${to}. The previews of ${stacks.join(" and ")} show no change.`,
    "",
    "Next:",
    `  git add ${files}   # and merge it; until both stacks have been deployed from it, whatever would delete ${counted(moves.length, "tenant")} fails`,
    `  npx b2b-tenants fleet up --stack ${stacks.join(",")}   # changes nothing but outputs and that protection; unless CI does it`,
  ].join("\n");
}

export function movedJson(moves: readonly TenantMove[], to: string, changes: readonly string[]): string {
  const tenants = moves.map(({ slug, from, isDeclaredElsewhere }) => ({
    slug,
    from: from ?? null,
    to,
    result: from === undefined && !isDeclaredElsewhere ? "was there" : "moved",
  }));
  return jsonText({ tenants, waiting: changes }, 2);
}
