import { count } from "../ci/markdown";

/** GitHub refuses a comment of more than 65,536 characters. */
export const MOST_CHARACTERS = 65_000;

/** A piece of the comment that can be told in several ways. */
export interface Block {
  /** The fullest first. The last one is what always stays; it may be empty. */
  readonly versions: readonly [string, ...string[]];
  /** Lower ones are told in full first. */
  readonly rank: number;
  /** What is missing where it is not told in full, in one and many: ["changed tenant", "changed tenants"]. */
  readonly missing: readonly [string, string];
}

/** Room for the line that says what was left out. */
const RESERVE = 600;
const GAP = "\n\n";

/**
 * The blocks one below the other, each as full as the limit allows, and a line that says what was left out. The blocks of a
 * lower rank have their choice first; within a rank, those that come first.
 */
export function fitted(blocks: readonly Block[], most = MOST_CHARACTERS): string {
  const chosen = blocks.map(({ versions }) => versions.length - 1);
  const at = (index: number, version: number) => blocks[index]?.versions[version] ?? "";
  const cost = (text: string) => (text === "" ? 0 : text.length + GAP.length);
  const all = blocks.reduce((sum, { versions }) => sum + cost(versions[0]), 0);
  let room = most - (all <= most ? 0 : RESERVE) - blocks.reduce((sum, _, i) => sum + cost(at(i, chosen[i] ?? 0)), 0);
  const order = blocks.map((_, index) => index).sort((a, b) => (blocks[a]?.rank ?? 0) - (blocks[b]?.rank ?? 0));
  for (const index of order) {
    const least = cost(at(index, chosen[index] ?? 0));
    const version = blocks[index]?.versions.findIndex((text) => cost(text) - least <= room) ?? -1;
    if (version < 0) continue;
    room -= cost(at(index, version)) - least;
    chosen[index] = version;
  }
  const shortened = blocks.filter((_, index) => chosen[index] !== 0);
  const texts = blocks.map((_, index) => at(index, chosen[index] ?? 0));
  return cut([...texts, leftOut(shortened)].filter((text) => text !== "").join(GAP), most);
}

/** The last resort, for what is too long even at its shortest: whole lines only. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const notice = "**The rest is left out.** `pulumi preview --diff` shows all of it.";
  const lines = text.slice(0, most - notice.length - GAP.length);
  return `${lines.slice(0, Math.max(0, lines.lastIndexOf("\n")))}${GAP}${notice}`;
}

function leftOut(shortened: readonly Block[]): string {
  if (shortened.length === 0) return "";
  const counts = new Map<string, { many: string; number: number }>();
  for (const { missing } of shortened) {
    const [one, many] = missing;
    counts.set(one, { many, number: (counts.get(one)?.number ?? 0) + 1 });
  }
  const told = [...counts].map(([one, { many, number }]) => count(number, one, many));
  return `**Left out, since GitHub takes no longer comment:** detail of ${told.join(", ")}. \`pulumi preview --diff\` shows all of it.`;
}
