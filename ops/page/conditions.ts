import { isOutOfStep } from "../../database/migrations/positions";
import type { Report, TenantReport } from "../report/report";
import type { Verification } from "../verify/verification";
import { NEAR } from "./content";

/** What of a tenant somebody should know, each by the word that the page has for it; the most urgent first. */
export const CONDITIONS = [
  "open",
  "reaches",
  "notTried",
  "near",
  "unlimited",
  "isBehind",
  "outOfStep",
  "missing",
  "noFile",
  "fenced",
  "unmeasured",
  "otherStack",
] as const;

export type Condition = (typeof CONDITIONS)[number];

export interface TenantView extends TenantReport {
  readonly conditions: readonly Condition[];
  /** Leaks that let others to it, and those by which it gets to others. */
  readonly leaks: number;
}

/** The tenants of a report with what a proof found of each. */
export function tenantViews(report: Report, proof: Verification | undefined): TenantView[] {
  const victims = countBy(proof?.leaks.flatMap(({ victim }) => victim ?? []) ?? []);
  const intruders = countBy(proof?.leaks.map(({ role }) => role) ?? []);
  const untried = new Set(proof?.tenants.flatMap(({ slug, complete }) => (complete ? [] : [slug])));
  const fenced = new Set(report.roles.flatMap(({ tenant, fencedSince }) => (fencedSince === null ? [] : [tenant])));
  return report.tenants.map((tenant) => {
    const { slug, role, migrations, stack, unmeasured } = tenant;
    const [open, reaches] = [victims.get(slug) ?? 0, intruders.get(role) ?? 0];
    const holds: Readonly<Record<Condition, boolean>> = {
      open: open > 0,
      reaches: reaches > 0,
      notTried: untried.has(slug),
      near: shareOfLimit(tenant) >= NEAR,
      unlimited: tenant.hasRole && tenant.connectionLimit === null,
      isBehind: migrations?.condition === "behind",
      outOfStep: migrations !== null && isOutOfStep(migrations),
      missing: !tenant.hasRole || !tenant.hasSchema,
      noFile: stack === null,
      fenced: fenced.has(slug),
      unmeasured: unmeasured !== null,
      otherStack: stack !== null && stack !== report.stack,
    };
    return { ...tenant, leaks: open + reaches, conditions: CONDITIONS.filter((condition) => holds[condition]) };
  });
}

/** The part of its connections that a tenant has open; 0 without a limit. */
export function shareOfLimit({ connections, connectionLimit }: TenantReport): number {
  return connectionLimit ? connections.total / connectionLimit : 0;
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
