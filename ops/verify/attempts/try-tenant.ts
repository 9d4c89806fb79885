import type { Client } from "pg";
import { fellSilent } from "../../../database/connection";
import { errorMessage } from "../../../database/error-message";
import type { Ground, Leak, Note, TenantPlace } from "../leak";
import { againstRole } from "./against-role";
import { againstSchema } from "./against-schema";
import { againstLargeObjects, againstServer } from "./against-server";
import type { Attempt } from "./attempt";
import { carryOut } from "./carry-out";
import { judge } from "./judge";
import { type OpenWalls, openWalls } from "./open-walls";
import { takeBackOwnSettings } from "./own-settings";
import type { Targets } from "./targets";

/** What came of one tenant's attempts. */
export interface Tried {
  /** Statements that were tried. */
  readonly attempts: number;
  /** How many of them were refused for want of permission. */
  readonly refused: number;
  /** Whether all that is not plainly open was tried. */
  readonly complete: boolean;
  readonly leaks: readonly Leak[];
  /** Roles that it is a member of, directly or not. */
  readonly memberOf: readonly string[];
  readonly notes: readonly Note[];
}

const NOTHING_OPEN: OpenWalls = { leaks: [], down: new Set(), memberOf: [] };

/**
 * Tries, in a session of a tenant, what an attacker who has its login would. First the session's privileges are asked for; what they
 * do not give is then tried, and has to be refused. What they give is a leak without being done: no foreign code runs with the
 * tenant's rights. Nothing stays of it.
 */
export async function tryTenant(client: Client, tenant: TenantPlace, ground: Ground, targets: Targets): Promise<Tried> {
  let open: OpenWalls = NOTHING_OPEN;
  try {
    await takeBackOwnSettings(client, tenant);
    open = await openWalls(client, tenant, ground, targets);
    const attempts = attemptsOf(tenant, ground, targets, open.down);
    const unrefused = await carryOut(client, attempts);
    const { leaks, notes } = judge(tenant, unrefused);
    return {
      ...open,
      attempts: attempts.length,
      refused: attempts.length - unrefused.length,
      complete: true,
      leaks: [...open.leaks, ...leaks],
      notes,
    };
  } catch (error) {
    const leaks = [...open.leaks, hindered(tenant, error)];
    return { ...open, attempts: 0, refused: 0, complete: false, leaks, notes: [] };
  }
}

function attemptsOf(me: TenantPlace, ground: Ground, targets: Targets, down: ReadonlySet<string>): Attempt[] {
  // A superuser is refused nothing.
  if (down.has("superuser")) return [];
  const { inSchema, roles } = targets;
  const others = ground.tenants.filter(({ role }) => role !== me.role);
  return [
    ...others.flatMap((other) => {
      const things = inSchema.get(other.schema);
      return [
        ...(things === undefined ? [] : againstSchema(other, things)),
        ...(roles.has(other.role) ? againstRole(other.role, other.slug) : []),
      ];
    }),
    ...againstLargeObjects(me, ground, targets),
    ...againstServer(me, ground, targets),
  ].filter(({ walls }) => !walls.some((wall) => down.has(wall)));
}

/** What keeps the attempts from being carried out hides what they would have found. */
function hindered({ role }: TenantPlace, error: unknown): Leak {
  const why = fellSilent(error)
    ? "its session has fallen silent; run this again, and if that happens again look at pg_stat_activity and at the network"
    : `${errorMessage(error)}; look at what is set for its role (pg_db_role_setting) and at whether everybody may use plpgsql`;
  return {
    check: "statement",
    role,
    victim: undefined,
    object: `attempts of ${role}`,
    statement: "do language plpgsql 'begin end'",
    closes: [],
    hint: `its attempts were not carried out, so nothing is proved of it: ${why}`,
  };
}
