import { code, count } from "../ci/markdown";
import type { StackPreview, TenantChange, TenantFate } from "./by-tenant";
import { adoptedList, changeList, resourceList } from "./changes";
import { hasStopped } from "./faults";
import type { Block } from "./limit";
import { tenantFacts } from "./tenant-facts";

/** In this order; a lower rank is told in full before a higher one. */
const FATES: readonly (readonly [TenantFate, string, number])[] = [
  ["onboarded", "🟢 Onboarded", 4],
  ["replaced", "🔴 Replaced in part", 2],
  ["changed", "🟡 Changed", 2],
  ["offboarded", "🔴 Offboarded", 5],
];

/** What can be unfolded comes after all that is seen at once. */
const RANK_OF_RESOURCES = 10;

/** What a preview says of a stack, below the box of what ends. */
export function stackBlocks(preview: StackPreview): Block[] {
  const tenants = FATES.flatMap(([fate, title, rank]) => {
    const those = preview.tenants.filter((tenant) => tenant.fate === fate);
    if (those.length === 0) return [];
    return [heading(`### ${title} (${those.length})`), ...those.flatMap((tenant) => tenantBlocks(tenant, rank))];
  });
  return [...tenants, ...platformBlocks(preview), ...unchangedBlocks(preview)];
}

/** The counts on one line: `1 onboarded, 2 changed`. */
export function summary({ tenants, platform, unchanged }: StackPreview): string {
  const fates = FATES.map(([fate]) => [tenants.filter((tenant) => tenant.fate === fate).length, fate] as const);
  const parts = [
    ...fates.map(([number, fate]) => (number > 0 ? `${number} ${fate}` : "")),
    platform.length > 0 ? `platform: ${count(platform.length, "resource")}` : "",
    unchanged?.length ? `${unchanged.length} unchanged` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

export function heading(text: string): Block {
  return { versions: [text], rank: 0, missing: ["heading", "headings"] };
}

function tenantBlocks(tenant: TenantChange, rank: number): Block[] {
  const { slug, fate, changes } = tenant;
  const title = `#### ${code(slug)}`;
  if (changes.length === 0) return [heading(title)];
  const resources = resourceList(changes);
  const own = {
    rank: RANK_OF_RESOURCES + rank,
    missing: [`${fate} tenant's resources`, `${fate} tenants' resources`] as const,
  };
  // The box at the top has said all else of it.
  if (fate === "offboarded") return [{ ...own, versions: [`${title}\n\n${resources}`, ""] }];
  const facts = fate === "onboarded" ? tenantFacts(tenant).map((fact) => `- ${fact}`) : [];
  const list = fate === "onboarded" ? adoptedList(changes) : changeList(changes);
  const body = [...facts, list].filter((text) => text !== "").join("\n");
  const short = `${title}: ${count(changes.length, "resource")}`;
  return [
    { versions: [`${title}\n\n${body}`.trimEnd(), short, ""], rank, missing: [`${fate} tenant`, `${fate} tenants`] },
    { ...own, versions: [resources, ""] },
  ];
}

function platformBlocks({ platform }: StackPreview): Block[] {
  if (platform.length === 0) return [];
  const missing = ["platform change", "platform changes"] as const;
  const changed = changeList(platform);
  return [
    heading(`### Platform (${count(platform.length, "resource")})`),
    ...(changed === "" ? [] : [{ versions: [changed, ""] as const, rank: 3, missing }]),
    { versions: [resourceList(platform), ""], rank: RANK_OF_RESOURCES, missing },
  ];
}

/** A preview that has stopped has not come to say this. */
function unchangedBlocks(preview: StackPreview): Block[] {
  if (hasStopped(preview)) return [];
  const { unchanged, unchangedResources } = preview;
  const parts = [
    ...(unchanged?.length ? [count(unchanged.length, "tenant")] : []),
    ...(unchangedResources > 0 ? [`${count(unchangedResources, "resource")} in all`] : []),
  ];
  return parts.length === 0 ? [] : [heading(`Unchanged: ${parts.join("; ")}.`)];
}
