import { POWERFUL_ROLES } from "./catalog/roles";
import { type Ground, type Leak, SERVER, wallOf } from "./leak";
import type { TriedTenant } from "./log-in-and-try";

/** A leak, and what found it. */
export interface ProvenLeak extends Leak {
  /** `catalogs`: the admin's reading of them. `session`: a tenant's own. */
  readonly evidence: "catalogs" | "session" | "both";
}

/**
 * The leaks of both, each once. The catalogs know who granted what and how to take it back; what a session found beyond that is added
 * as it was found.
 */
export function merged(found: readonly Leak[], tenants: readonly TriedTenant[], ground: Ground): ProvenLeak[] {
  const confirmed = new Set<Leak>();
  const further = tenants.flatMap((tenant) => {
    const left = tenant.leaks.filter((leak) => {
      const known = found.filter((one) => explains(one, leak, tenant));
      for (const one of known) confirmed.add(one);
      return known.length === 0;
    });
    return mayDoWhatOthersMay(tenant, ground) ? withoutConsequences(left) : left;
  });
  return [
    ...found.map((leak): ProvenLeak => ({ ...leak, evidence: confirmed.has(leak) ? "both" : "catalogs" })),
    ...further.map((leak): ProvenLeak => ({ ...leak, evidence: "session" })),
  ];
}

/** Whether the catalogs' leak is what the session found: granted to the role, to everybody, or to a role that it is a member of. */
function explains(one: Leak, { check, role, victim, schema, object }: Leak, { memberOf }: TriedTenant): boolean {
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

/** What lets a role do what others may, and what no other leak would explain. */
const KEPT: ReadonlySet<Leak["check"]> = new Set(["membership", "role attribute", "statement", "login", "activity"]);

/** Whether it is a superuser, or a member of a role that reaches another tenant, or everything. */
function mayDoWhatOthersMay({ memberOf, superuser }: TriedTenant, { adminUser, tenants }: Ground): boolean {
  const reaching = new Set([adminUser, ...POWERFUL_ROLES, ...tenants.map(({ role }) => role)]);
  return superuser || memberOf.some((role) => reaching.has(role));
}

/** A role that reaches everything gets through every wall in hundreds of ways. The cause stays, and one leak for each wall. */
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
