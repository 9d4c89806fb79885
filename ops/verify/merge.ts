import type { Leak } from "./leak";
import type { TenantProof } from "./log-in-and-try";

/** A leak, and who found it. */
export interface ProvedLeak extends Leak {
  /** `catalogs`: as the admin reads them. `session`: as a tenant's own session has it. */
  readonly evidence: "catalogs" | "session" | "both";
}

/**
 * The leaks of both, each once. The catalogs know who granted what and how to take it back; what a session found beyond that is told
 * as it was found.
 */
export function merged(found: readonly Leak[], tenants: readonly TenantProof[]): ProvedLeak[] {
  const confirmed = new Set<Leak>();
  const further: ProvedLeak[] = [];
  for (const tenant of tenants) {
    const reached = new Set<string | undefined>();
    for (const leak of tenant.leaks) {
      const known = found.filter((one) => tells(one, leak, tenant));
      for (const one of known) confirmed.add(one);
      if (known.length > 0 || follows(leak, tenant, reached)) continue;
      reached.add(leak.victim);
      further.push({ ...leak, evidence: "session" });
    }
  }
  return [
    ...found.map((leak): ProvedLeak => ({ ...leak, evidence: confirmed.has(leak) ? "both" : "catalogs" })),
    ...further,
  ];
}

/** Whether the catalogs' leak is what the session found: granted to the role, to everybody, or to a role that it is a member of. */
function tells(one: Leak, { check, role, victim, object }: Leak, { memberOf }: TenantProof): boolean {
  if (one.role !== role && one.role !== "public" && !memberOf.includes(one.role)) return false;
  if (one.victim !== victim) return false;
  // As a member of the victim's role it may do whatever the victim may.
  if (one.check === "membership" && victim !== undefined) return true;
  // Of the many objects of one schema a session names the first.
  return one.check === check && (victim !== undefined || one.object === object);
}

/** As a superuser, or a member of a role that reads everything, it reaches each tenant in many ways: one of them is told. */
function follows(leak: Leak, { memberOf }: TenantProof, reached: ReadonlySet<string | undefined>): boolean {
  return memberOf.length > 0 && leak.victim !== undefined && reached.has(leak.victim);
}
