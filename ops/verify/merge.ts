import type { Leak } from "./leak";
import type { TenantProof } from "./log-in-and-try";
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
export function merged(found: readonly Leak[], tenants: readonly TenantProof[]): ProvedLeak[] {
  const confirmed = new Set<Leak>();
  const further = tenants.flatMap((tenant) => {
    const left = tenant.leaks.filter((leak) => {
      const known = found.filter((one) => tells(one, leak, tenant));
      for (const one of known) confirmed.add(one);
      return known.length === 0;
    });
    return withoutConsequences(left, tenant);
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

/** What lets a role do what others may. */
const CAUSES: ReadonlySet<Leak["check"]> = new Set(["membership", "role attribute"]);

/**
 * A superuser, or a member of a role that reads everything, gets through everywhere in hundreds of ways. The cause is told, and whom
 * it reaches by it.
 */
function withoutConsequences(leaks: readonly Leak[], { memberOf, leaks: all, role }: TenantProof): Leak[] {
  const superuser = all.some(({ object }) => object === `attribute SUPERUSER of role ${role}`);
  if (memberOf.length === 0 && !superuser) return [...leaks];
  const reached = new Set<string>();
  return leaks.filter((leak) => {
    if (CAUSES.has(leak.check)) return true;
    const wall = wallOf(leak);
    if (wall === SERVER || reached.has(wall)) return false;
    reached.add(wall);
    return true;
  });
}
