import { counted } from "../../domain/counted";
import { labelOf } from "../../domain/resource-types";
import { alert, code } from "../ci/markdown";
import type { StackPreview, TenantChange } from "./by-tenant";
import { costOf, endingOf, isDestructive, isEnding, isServer } from "./ending";
import { isPast, type Section } from "./limit";
import type { ResourceChange } from "./resource-change";
import { valueAsCode } from "./value-as-code";

/** What ends, the worst first. */
const GROUPS = [
  "offboarded with NO backup",
  "offboarded",
  "schema or login role lost",
  "server lost",
  "other deletions and replacements",
] as const;

/** Something that ends: a line of the box at the top. */
interface Deletion {
  readonly group: (typeof GROUPS)[number];
  readonly slug: string;
  readonly line: string;
  /** The same where there is little room. */
  readonly short: string;
}

/** What the list of slugs may take: the comment must hold it whatever else there is. */
const MOST_CHARACTERS = 40_000;

/** The box at the top: everything that is deleted or replaced, of all stacks. Undefined when nothing is. */
export function deletionBox(previews: readonly StackPreview[]): Section | undefined {
  const all = previews.flatMap((preview) => deletionsOf(preview, previews));
  const sorted = GROUPS.flatMap((group) => all.filter((deletion) => deletion.group === group));
  if (sorted.length === 0) return undefined;
  const kind = sorted.some(({ group }) => group !== "other deletions and replacements") ? "CAUTION" : "WARNING";
  return {
    isKept: true,
    of: [sorted.length, "deletion or replacement", "deletions and replacements"],
    at: (level) => {
      const lines = isPast(level, "deletions by slug")
        ? slugsByGroup(sorted)
        : sorted.map(({ line, short }) => (isPast(level, "deletions in short") ? short : line));
      return alert(kind, `**Deleted or replaced**\n\n${lines.map((line) => `- ${line}`).join("\n")}`);
    },
  };
}

function deletionsOf(preview: StackPreview, all: readonly StackPreview[]): Deletion[] {
  const where = all.length > 1 ? ` (stack ${code(preview.stack)})` : "";
  const tenants = preview.tenants.flatMap((tenant) =>
    tenant.fate === "offboarded"
      ? [offboarded(tenant, where, all)]
      : ended(tenant.changes, tenant.slug, `${code(tenant.slug)}${where}`),
  );
  return [...tenants, ...ended(preview.platform, "platform", `the platform${where}`)];
}

/** The removal of a tenant, and whether a backup is taken before; it may be created again in another stack. */
function offboarded(tenant: TenantChange, where: string, all: readonly StackPreview[]): Deletion {
  const { slug, gate } = tenant;
  const target = all.find(({ tenants }) => tenants.some((other) => other.slug === slug && other.fate === "onboarded"));
  const fate = target ? `moves to stack ${code(target.stack)}` : "is offboarded";
  const move = target && code(`npx b2b-tenants move ${slug} --to-stack ${target.stack}`);
  const again = move
    ? ` The new schema is empty. To move it with nothing deleted, do not merge this, and run ${move}.`
    : "";
  const name = `🔴 ${code(slug)}${where}`;
  if (gate?.backup === true) {
    const to = gate.destination === undefined ? "" : `, to ${valueAsCode(gate.destination)}`;
    return {
      group: "offboarded",
      slug,
      line: `${name} **${fate}**: a verified backup is taken first${to}. ${whatGoes(tenant)} deleted after that.${again}`,
      short: `${name} ${fate}; a verified backup is taken first`,
    };
  }
  const why = withoutBackup(tenant);
  return {
    group: "offboarded with NO backup",
    slug,
    line: `${name} **${fate}. ${why}** ${whatGoes(tenant)} deleted for good.${again}`,
    short: `${name} ${fate}; **${why}**`,
  };
}

function withoutBackup({ gate, changes }: TenantChange): string {
  if (gate?.backup === false) return "NO backup: offboarding.backup is false.";
  if (gate) return "This preview does not say whether a backup is taken.";
  const isGuarded = changes.some(({ type, kind }) => /:DropGuard$/.test(type) && kind === "delete");
  const guard = isGuarded ? " Its drop guard refuses to drop rows that no verified backup holds." : "";
  return `NO backup: its offboarding gate is gone already.${guard}`;
}

/** What a reviewer has to know is lost: "Schema, login role and server are". */
function whatGoes({ changes }: TenantChange): string {
  const labels = ["schema", "login role", "server"].filter((label) =>
    changes.some((change) => labelOf(change) === label),
  );
  if (labels.length === 0) return "What is left of it is";
  const text = labels.join(", ").replace(/, (?=[^,]*$)/, " and ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)} ${labels.length === 1 ? "is" : "are"}`;
}

/** What is destroyed has a line of its own; the rest shares one. */
function ended(changes: readonly ResourceChange[], slug: string, name: string): Deletion[] {
  const ends = changes.filter(isEnding);
  const others = ends.filter((change) => !isDestructive(change));
  const deletions = ends.filter(isDestructive).map((change): Deletion => {
    const group = isServer(change) ? "server lost" : "schema or login role lost";
    return { group, slug, line: `🔴 ${name}: ${withCost(change)}`, short: `🔴 ${name}: ${endingOf(change)}` };
  });
  if (others.length === 0) return deletions;
  const number = counted(others.length, "other deletion or replacement", "other deletions and replacements");
  return [
    ...deletions,
    {
      group: "other deletions and replacements",
      slug,
      line: `🟡 ${name}: ${others.map(withCost).join("; ")}`,
      short: `🟡 ${name}: ${number}`,
    },
  ];
}

function withCost(change: ResourceChange): string {
  const cost = costOf(change);
  return `${endingOf(change)}${cost === undefined ? "" : `: ${cost}`}`;
}

function slugsByGroup(deletions: readonly Deletion[]): string[] {
  let room = MOST_CHARACTERS;
  return GROUPS.flatMap((group) => {
    const slugs = [...new Set(deletions.filter((deletion) => deletion.group === group).map(({ slug }) => slug))];
    if (slugs.length === 0) return [];
    const listed = slugs.filter((slug) => {
      room -= slug.length + ", ".length;
      return room >= 0;
    });
    const more = slugs.length - listed.length;
    return [`**${slugs.length} ${group}:** ${code(listed.join(", "))}${more > 0 ? ` and ${more} more` : ""}`];
  });
}
