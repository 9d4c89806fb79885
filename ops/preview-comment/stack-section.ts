import { counted } from "../../domain/counted";
import { code } from "../ci/markdown";
import type { StackPreview, TenantChange, TenantFate } from "./by-tenant";
import { changeList, onboardedFacts, resourceList } from "./changes";
import { hasStopped } from "./errors";
import { isPast, type Level, type Section } from "./limit";
import { slugList } from "./messages";
import { isMigratedAlone, migrationsText } from "./migrations";

/** In this order, each with the level from which on only the slugs are told. */
const FATES: readonly (readonly [fate: TenantFate, title: string, inShort: Level])[] = [
  ["onboarded", "🟢 Onboarded", "onboarded tenants by slug"],
  ["replaced", "🔴 Replaced in part", "changed tenants by slug"],
  ["changed", "🟡 Changed", "changed tenants by slug"],
  ["offboarded", "🔴 Offboarded", "no lists of resources"],
];

/** What a preview says of a stack, below the box of what ends. */
export function stackSections(preview: StackPreview): Section[] {
  const tenants = FATES.map(([fate, title, inShort]): Section => {
    const those = preview.tenants.filter((tenant) => tenant.fate === fate);
    const heading = `### ${title} (${those.length})`;
    return {
      of: [those.length, `${fate} tenant`, `${fate} tenants`],
      at: (level) => {
        if (those.length === 0) return "";
        if (isPast(level, inShort)) return [heading, slugsOf(those)].filter(Boolean).join("\n\n");
        const migrations = fate === "changed" || fate === "replaced" ? migrationsText(those) : "";
        const others = those.filter((tenant) => !isMigratedAlone(tenant));
        return [heading, migrations, ...others.map((tenant) => tenantText(tenant, level))].filter(Boolean).join("\n\n");
      },
    };
  });
  return [...tenants, platformSection(preview), { at: () => unchanged(preview) }];
}

/** The counts on one line: `1 onboarded, 2 changed`. */
export function summary({ tenants, platform, unchanged }: StackPreview): string {
  const fates = FATES.map(([fate]) => [tenants.filter((tenant) => tenant.fate === fate).length, fate] as const);
  const parts = [
    ...fates.map(([number, fate]) => (number > 0 ? `${number} ${fate}` : "")),
    platform.length > 0 ? `platform: ${counted(platform.length, "resource")}` : "",
    unchanged?.length ? `${unchanged.length} unchanged` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function tenantText(tenant: TenantChange, level: Level): string {
  const { slug, fate, changes } = tenant;
  // The box at the top says all else of a tenant that is offboarded.
  const body = fate === "offboarded" ? "" : fate === "onboarded" ? onboardedFacts(tenant) : changeList(changes);
  return [`#### ${code(slug)}`, body, resourcesAt(level, changes)].filter(Boolean).join("\n\n");
}

/** The box has the slugs of those that are offboarded. */
function slugsOf(tenants: readonly TenantChange[]): string {
  return tenants[0]?.fate === "offboarded" ? "" : slugList(tenants.map(({ slug }) => slug));
}

function platformSection({ platform }: StackPreview): Section {
  return {
    of: [platform.length, "platform resource", "platform resources"],
    at: (level) => {
      if (platform.length === 0) return "";
      const list = isPast(level, "changed tenants by slug") ? "" : changeList(platform);
      const heading = `### Platform (${counted(platform.length, "resource")})`;
      return [heading, list, resourcesAt(level, platform)].filter(Boolean).join("\n\n");
    },
  };
}

function resourcesAt(level: Level, changes: TenantChange["changes"]): string {
  return changes.length === 0 || isPast(level, "no lists of resources") ? "" : resourceList(changes);
}

function unchanged(preview: StackPreview): string {
  // A preview that ended early does not know this.
  if (hasStopped(preview)) return "";
  const { unchanged: tenants, unchangedResources } = preview;
  const parts = [
    ...(tenants?.length ? [counted(tenants.length, "tenant")] : []),
    ...(unchangedResources > 0 ? [`${counted(unchangedResources, "resource")} in all`] : []),
  ];
  return parts.length === 0 ? "" : `Unchanged: ${parts.join("; ")}.`;
}
