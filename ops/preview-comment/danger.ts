import { alert, code, count } from "../ci/markdown";
import type { StackPreview } from "./by-tenant";
import { labelled } from "./changes";
import { costOf, endingOf, isDestructive } from "./ending";
import type { Block } from "./limit";
import { type Danger, GROUPS, offboarded } from "./offboarded";
import { labelOf } from "./purpose";
import type { ResourceChange } from "./resource-change";
import { shownName } from "./shown-value";

/** What the list of slugs may take: the comment must hold it whatever else there is. */
const MOST_CHARACTERS = 50_000;

/** The box at the top: everything that is deleted or replaced, of all stacks, the worst first. */
export function dangerBlocks(previews: readonly StackPreview[]): Block[] {
  const dangers = previews.flatMap((preview) => dangersOf(preview, previews));
  if (dangers.length === 0) return [];
  const sorted = GROUPS.flatMap((group) => dangers.filter((danger) => danger.group === group));
  const isRed = sorted.some(({ group }) => group !== "something else deleted or replaced");
  const box = (body: string) => alert(isRed ? "CAUTION" : "WARNING", `**Deleted or replaced**\n\n${body}`);
  const listed = (lines: readonly string[]) => box(lines.map((line) => `- ${line}`).join("\n"));
  return [
    {
      versions: [
        listed(sorted.map(({ line }) => line)),
        listed(sorted.map(({ short }) => short)),
        box(slugsOf(sorted)),
      ],
      rank: 0,
      missing: ["list of deletions", "lists of deletions"],
    },
  ];
}

function dangersOf(preview: StackPreview, all: readonly StackPreview[]): Danger[] {
  const where = all.length > 1 ? ` (stack ${code(preview.stack)})` : "";
  const tenants = preview.tenants.flatMap((tenant) =>
    tenant.fate === "offboarded"
      ? [offboarded(tenant, where, all)]
      : ended(tenant.changes, tenant.slug, `${code(tenant.slug)}${where}`),
  );
  return [...tenants, ...ended(preview.platform, "platform", `the platform${where}`)];
}

/** What is destroyed has a line of its own; the rest has one together. */
function ended(changes: readonly ResourceChange[], slug: string, name: string): Danger[] {
  const ends = changes.filter((change) => endingOf(change) !== undefined);
  const others = ends.filter((change) => !isDestructive(change));
  const dangers = ends.filter(isDestructive).map(
    (change): Danger => ({
      group: labelOf(change) === "server" ? "server gone" : "schema or login gone",
      slug,
      line: `🔴 ${name}: ${whole(change)}`,
      short: `🔴 ${name}: ${brief(change)}`,
    }),
  );
  if (others.length === 0) return dangers;
  return [
    ...dangers,
    {
      group: "something else deleted or replaced",
      slug,
      line: `🟡 ${name}: ${others.map(whole).join("; ")}`,
      short: `🟡 ${name}: ${count(others.length, "more deletion or replacement", "more deletions and replacements")}`,
    },
  ];
}

function whole(change: ResourceChange): string {
  const by = change.successor === undefined ? "" : ` by ${shownName(change.successor)}`;
  const cost = costOf(change);
  return `${brief(change)}${by}${cost === undefined ? "" : `: ${cost}`}`;
}

function brief(change: ResourceChange): string {
  return `${labelled(change)} ${endingOf(change)}`;
}

function slugsOf(dangers: readonly Danger[]): string {
  let room = MOST_CHARACTERS;
  return GROUPS.flatMap((group) => {
    const slugs = [...new Set(dangers.filter((danger) => danger.group === group).map(({ slug }) => slug))];
    if (slugs.length === 0) return [];
    const shown = slugs.filter((slug) => {
      room -= slug.length + 2;
      return room >= 0;
    });
    const more = shown.length < slugs.length ? ` and ${slugs.length - shown.length} more` : "";
    return [`- **${slugs.length} ${group}:** ${code(shown.join(", "))}${more}`];
  }).join("\n");
}
