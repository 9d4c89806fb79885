import { counted } from "../../domain/counted";
import { MIGRATIONS_TYPE } from "../../domain/resource-types";
import { code } from "../ci/markdown";
import type { TenantChange } from "./by-tenant";
import type { ResourceChange } from "./resource-change";

/** A migration's name as the program writes it; whatever else a preview has in its place is not shown. */
const NAME = /^\d{4}_[a-z0-9_]{1,60}$/;

/** The migrations that a change runs, for example `0007_add_tax`, in their order. */
export function migrationsOf({ kind, type, before, after }: ResourceChange): string[] {
  if (type !== MIGRATIONS_TYPE || kind !== "update") return [];
  const had = new Set(namesIn(before.files));
  return namesIn(after.files).filter((name) => !had.has(name));
}

function namesIn(files: unknown): string[] {
  if (typeof files !== "object" || files === null) return [];
  return Object.keys(files)
    .filter((name) => NAME.test(name))
    .sort();
}

/** Whether a preview does nothing to a tenant but to run migrations, which `migrationsText` tells for all tenants together. */
export function isMigratedAlone({ changes }: TenantChange): boolean {
  return changes.length > 0 && changes.every((change) => migrationsOf(change).length > 0);
}

const MOST_NAMES = 20;
const MOST_CANARIES = 10;

/** What runs for whom, a line for each list of files: `0007_add_tax` for 97 tenants; `farmacruz` first. Empty where nothing runs. */
export function migrationsText(tenants: readonly TenantChange[]): string {
  const groups = new Map<string, { readonly names: readonly string[]; count: number; readonly canaries: string[] }>();
  for (const { slug, changes } of tenants) {
    for (const change of changes) {
      const names = migrationsOf(change);
      if (names.length === 0) continue;
      const key = names.join(" ");
      const group = groups.get(key) ?? { names, count: 0, canaries: [] };
      groups.set(key, group);
      group.count += 1;
      if (change.after.canary === true) group.canaries.push(slug);
    }
  }
  const lines = [...groups.values()].map(({ names, count, canaries }) => {
    const first =
      canaries.length === 0
        ? ""
        : `; ${listed(canaries, MOST_CANARIES)} first, and nobody else before that has succeeded`;
    return `- migrations ${listed(names, MOST_NAMES)} for ${counted(count, "tenant")}${first}`;
  });
  return lines.join("\n");
}

function listed(names: readonly string[], most: number): string {
  const more = names.length - most;
  return `${names.slice(0, most).map(code).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
