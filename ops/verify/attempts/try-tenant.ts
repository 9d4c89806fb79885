import { type Client, escapeLiteral } from "pg";
import { fellSilent } from "../../../database/connection";
import { errorMessage } from "../../../database/error-message";
import { isSetAtStart } from "../../../database/session-options";
import { quoteIdentifier } from "../../../database/sql-text";
import { TAKEN, takenRights } from "../../../database/taken-rights";
import { counted } from "../../../domain/counted";
import { message } from "../../message";
import type { DatabaseTenant, Ground, Leak, Note, Remedy } from "../leak";
import { againstLargeObjects, againstServer } from "./against-server";
import type { Attempt } from "./against-tenant";
import { carryOut } from "./carry-out";
import { judge } from "./judge";
import { type OpenWalls, openWalls } from "./open-walls";
import type { Targets } from "./targets";

/** The result of one tenant's attempts. */
export interface Tried {
  /** Statements that were tried. */
  readonly attempts: number;
  /** How many of them were refused for want of permission. */
  readonly refused: number;
  /** Whether everything was tried that is not known to be open. */
  readonly complete: boolean;
  readonly leaks: readonly Leak[];
  readonly superuser: boolean;
  /** Roles that it is a member of, directly or not. */
  readonly memberOf: readonly string[];
  readonly notes: readonly Note[];
}

const NOTHING_OPEN: OpenWalls = { leaks: [], superuser: false, down: new Set(), memberOf: [] };

/**
 * Tries, in a session of a tenant's, what an attacker with its login would. What the session's privileges allow is a leak, and is not
 * done: no other role's code runs with the tenant's rights. Everything else is tried, and has to be refused. Nothing is left behind.
 */
export async function tryTenant(
  client: Client,
  tenant: DatabaseTenant,
  { ground, targets, told }: { ground: Ground; targets: Targets; told: (what: string) => void },
): Promise<Tried> {
  let open: OpenWalls = NOTHING_OPEN;
  try {
    await resetOwnSettings(client, tenant, targets);
    told("asking what is open");
    open = await openWalls(client, tenant, ground, targets);
    const attempts = attemptsOf(tenant, ground, targets, open);
    told(`trying ${counted(attempts.length, "statement")}`);
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
    const leaks = [...open.leaks, hindered(tenant, error, await takenRights(client, error))];
    return { ...open, attempts: 0, refused: 0, complete: false, leaks, notes: [] };
  }
}

/**
 * Resets what is set for the role, the database or everybody, as far as the session may: a tenant sets what it likes for its own role, and
 * some settings make statements fail or answers differ. What the client asked for at the session's start stays. It takes no function, which
 * a server may have taken from everybody.
 *
 * @throws Error when the session is not the tenant's.
 */
async function resetOwnSettings(client: Client, { role }: DatabaseTenant, { defaults }: Targets): Promise<void> {
  for (const [name, value] of defaults) {
    if (!isSetAtStart(name)) {
      await client.query(`set ${name.split(".").map(quoteIdentifier).join(".")} to ${escapeLiteral(value)}`);
    }
  }
  // An attempt gives up its lock long before a neighbour's statement that waits behind it times out.
  await client.query("set lock_timeout = '1s'");
  const { rows } = await client.query<{ session: string; current: string }>(
    "select session_user as session, current_user as current",
  );
  const [{ session, current } = { session: "", current: "" }] = rows;
  if (session !== role || current !== role) throw new Error(`the session is ${session}'s, acting as ${current}`);
}

function attemptsOf(me: DatabaseTenant, ground: Ground, targets: Targets, { superuser, down }: OpenWalls): Attempt[] {
  if (superuser) return [];
  const others = ground.tenants.filter(({ slug }) => slug !== me.slug);
  return [
    ...others.flatMap(({ slug }) => targets.attempts.get(slug) ?? []),
    ...againstLargeObjects(me, ground, targets),
    ...againstServer(me, ground, targets),
  ].filter(({ walls }) => !walls.some((wall) => down.has(wall)));
}

/** A tenant whose attempts cannot be carried out is a leak: nobody knows what they would have found. */
function hindered({ role }: DatabaseTenant, error: unknown, closes: readonly Remedy[]): Leak {
  const why = fellSilent(error)
    ? message("fellSilent")
    : closes.length > 0
      ? message("words", { words: `${errorMessage(error)}; ${TAKEN}` })
      : message("roleSettings", { words: errorMessage(error) });
  return {
    check: "statement",
    role,
    victim: undefined,
    object: `attempts of ${role}`,
    statement: "do language plpgsql 'begin end'",
    closes,
    hint: message("notCarriedOut", { why }),
  };
}
