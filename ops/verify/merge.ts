import type { Ground, Leak } from "./leak";
import type { TenantProof } from "./log-in-and-try";
import { MIGHTY_ROLES } from "./mighty-roles";
import { SERVER, wallOf } from "./wall";

/** A leak, and who found it. */
export interface ProvedLeak extends Leak {
  /** `catalogs`: as the admin reads them. `session`: as a tenant's own session has it. */
  readonly evidence: "catalogs" | "session" | "both";
}

/**
 * The leaks of both, each once. The catalogs know who granted what and how to take it back; what a session found beyond that is told
 * as it was found.
 */
export function merged(found: readonly Leak[], tenants: readonly TenantProof[], ground: Ground): ProvedLeak[] {
  const confirmed = new Set<Leak>();
  const further = tenants.flatMap((tenant) => {
    const left = tenant.leaks.filter((leak) => {
      const known = found.filter((one) => tells(one, leak, tenant));
      for (const one of known) confirmed.add(one);
      return known.length === 0;
    });
    return mayDoWhatOthersMay(tenant, ground) ? withoutConsequences(left) : left;
  });
  return [
    ...found.map((leak): ProvedLeak => ({ ...leak, evidence: confirmed.has(leak) ? "both" : "catalogs" })),
    ...further.map((leak): ProvedLeak => ({ ...leak, evidence: "session" })),
  ];
}

/** Whether the catalogs' leak is what the session found: granted to the role, to everybody, or to a role that it is a member of. */
function tells(one: Leak, { check, role, victim, schema, object }: Leak, { memberOf }: TenantProof): boolean {
  if (one.role !== role && one.role !== "public" && !memberOf.includes(one.role)) return false;
  if (one.victim !== victim) return false;
  // As a member of the victim's role it may do whatever the victim may.
  if (one.check === "membership" && victim !== undefined) return true;
  if (family(one.check) !== family(check)) return false;
  // Of the many objects of one schema a session names the first.
  return victim !== undefined || one.object === object || (schema !== undefined && one.schema === schema);
}

/** A session's list of tables shows one whose column or sequence is open just as well. */
function family(check: Leak["check"]): Leak["check"] {
  return check === "column" || check === "sequence" ? "relation" : check;
}

/** What lets a role do what others may, and what nothing else that is told would explain. */
const KEPT: ReadonlySet<Leak["check"]> = new Set(["membership", "role attribute", "statement", "login", "activity"]);

/** Whether it is a superuser, or has a role's rights that reaches another tenant, or everybody. */
function mayDoWhatOthersMay({ memberOf, leaks, role }: TenantProof, { adminUser, tenants }: Ground): boolean {
  const reaching = new Set([adminUser, ...MIGHTY_ROLES, ...tenants.map((tenant) => tenant.role)]);
  return (
    memberOf.some((other) => reaching.has(other)) ||
    leaks.some(({ object }) => object === `attribute SUPERUSER of role ${role}`)
  );
}

/** Who reaches everything gets through everywhere in hundreds of ways. The cause is told, and whom it reaches by it. */
function withoutConsequences(leaks: readonly Leak[]): Leak[] {
  const reached = new Set<string>();
  return leaks.filter((leak) => {
    if (KEPT.has(leak.check)) return true;
    const wall = wallOf(leak);
    if (wall === SERVER || reached.has(wall)) return false;
    reached.add(wall);
    return true;
  });
}
