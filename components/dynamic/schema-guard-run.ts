/** What `SchemaGuard` does when a deployment runs. See README.md in this folder: path, names and arguments of the exports are frozen. */
import type { CheckResult, CreateResult, DiffResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import type { Client } from "pg";
import { type AdminLock, withAdminLock } from "../../database/admin-lock";
import { refuseDifferences, releaseAdmin } from "../../database/adoption/adoption";
import { tryInitScript } from "../../database/adoption/try-init-script";
import { ConnectionRefused, withAdminConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import { Refusal, refuseExisting, type TenantNames } from "../../database/existing-tenant";
import { schemaComment } from "../../database/foreign-objects";
import { liftFence } from "../../database/offboarding/fence";
import { withRemovalLock } from "../../database/offboarding/offboarding-lock";
import { refuseServer } from "../../database/refuse-server";
import { beginHandover, leapOf, refuseUnfinished, turnOf } from "../../database/rotation/handover";
import { refuseWithoutRoom } from "../../database/rotation/handover-room";
import { initialisedWith } from "../../database/schema-marker";
import { withTransaction } from "../../database/transaction";
import type { ConnectionTarget } from "../../domain/connection-string";
import { withPlainErrors } from "./plain-errors";
import { lookups } from "./server-lookups";
import { isElsewhere, LOGIN_KEYS, type StoredKeys, storedInputs } from "./stored-inputs";

/** The tenant that is looked for, and the admin's login. */
export interface GuardInputs extends ConnectionTarget, TenantNames {
  readonly adopt: boolean;
  /** Generation of the tenant's database password. */
  readonly rotation: number;
  /** Connections of the server that no tenant may take. */
  readonly reserve: number;
  /** Whether a pooler holds to the tenant's connection limit, whichever of its logins it uses. */
  readonly pooled: boolean;
}

const KEYS: StoredKeys<GuardInputs> = {
  tenant: true,
  role: true,
  schema: true,
  ...LOGIN_KEYS,
  adopt: true,
  rotation: true,
  reserve: true,
  pooled: true,
};

/** Under which handovers begin: of two rotations at once, the second one counts the first. */
const HANDOVERS: AdminLock = {
  key: 0x62326273n,
  isBrief: true,
  refusal: (who) => new Error(`another rotation is beginning now (${who}): run this again when it has`),
};

/** A preview asks, with an empty text, why `create` or `update` will refuse the tenant. */
type CheckedInputs = GuardInputs & { readonly refusal?: string };

/**
 * What is wrong for every tenant of the stack, as a server that none can be kept on, ends the run before it has done anything, and so does
 * a file that cannot be meant. What is wrong with this one alone is only told to a preview: a failure here would end the run for all others too. A server that cannot
 * be reached, or does not admit the admin, is no fault of the tenant's: `create` and `update` will say so.
 */
export const check = withPlainErrors(async (olds: Partial<GuardInputs>, news: CheckedInputs): Promise<CheckResult> => {
  const { refusal: asked, ...inputs } = news;
  const failed = (reason: string) => ({ inputs, failures: [{ property: "", reason }] });
  const known = olds.schema !== undefined;
  if (known && olds.database !== news.database) return failed(moved(news, olds.database ?? ""));
  const leap = known ? leapOf(news.tenant, olds.rotation ?? 1, news.rotation) : undefined;
  if (leap !== undefined) return failed(leap);
  const server = await lookups.look(inputs);
  if (server?.refusal !== undefined) {
    lookups.forgetLooks();
    return failed(server.refusal);
  }
  if (asked === undefined || server === undefined || (known && !isDue(olds, inputs))) return { inputs };
  const refusal = await refusalOf(inputs, known ? olds : undefined);
  return { inputs: refusal === undefined ? inputs : { ...inputs, refusal } };
});

/** Whether the tenant is to be in another place, or to have another password. */
function isDue(olds: Partial<GuardInputs>, news: GuardInputs): boolean {
  return isElsewhere(olds, news) || olds.rotation !== news.rotation;
}

async function refusalOf(inputs: GuardInputs, olds: Partial<GuardInputs> | undefined): Promise<string | undefined> {
  try {
    await withAdminConnection(inputs, (admin) => refuse(admin, inputs, olds));
    return undefined;
  } catch (error) {
    if (error instanceof ConnectionRefused) return undefined;
    if (error instanceof Refusal) return errorMessage(error);
    throw error;
  }
}

/** A schema in another database is a new one, and the provider would drop the old one for it. */
function moved({ tenant, database }: GuardInputs, from: string): string {
  return (
    `tenant ${tenant} lives in database ${from}, and b2b-tenants:database names ${database}: a changed setting moves no data. ` +
    "Nothing of it was changed. Remove the tenants with the old setting (each is backed up), change it, add them again, and restore them"
  );
}

/** The tenant is new to this stack: nothing of it may be there, or it is to be taken over. */
export const create = withPlainErrors(async (inputs: GuardInputs): Promise<CreateResult> => {
  await withAdminConnection(inputs, (admin) => pass(admin, inputs, undefined));
  return { id: `${inputs.database}.${inputs.schema}`, outs: storedInputs(KEYS, inputs) };
});

/**
 * Whether to look again: the schema is to be in another place, or a schema that this program did not make is to be taken over, or
 * the tenant is still fenced by a removal that was given up. Everything else goes into the state without a step in the deployment:
 * the guard logs in with the password of the day, and `adopt` can come and go.
 */
export const diff = withPlainErrors(async (_id: string, olds: GuardInputs, news: GuardInputs): Promise<DiffResult> => {
  const turnedOn = news.adopt && !olds.adopt;
  return { changes: isDue(olds, news) || (await isFenced(news)) || (turnedOn && (await isHandMade(news))) };
});

/** The tenant is known: its own role, and its own schema, which it finds there when only the server's name changed, pass. */
export const update = withPlainErrors(
  async (_id: string, olds: GuardInputs, news: GuardInputs): Promise<UpdateResult> => {
    await withAdminConnection(news, (admin) => pass(admin, news, olds));
    return { outs: storedInputs(KEYS, news) };
  },
);

/** @param olds Of a tenant that the stack has. */
async function pass(admin: Client, inputs: GuardInputs, olds: Partial<GuardInputs> | undefined): Promise<void> {
  const { role, tenant, rotation, reserve, pooled, adopt } = inputs;
  await refuseServer(admin);
  await refuse(admin, inputs, olds);
  // A preview only looks at catalogs; this makes a login, and locks tables for a moment.
  if (adopt && (await holdsHandMade(admin, inputs.schema))) await tryInitScript(admin, inputs, inputs);
  if (adopt) await releaseAdmin(admin, role);
  // Before anything logs in as the tenant. What it writes before its gate stands again, its drop guard keeps.
  await withRemovalLock(admin, role, () => liftFence(admin, role));
  lookups.forgetFences();
  if (olds !== undefined && olds.rotation !== rotation) {
    const turn = turnOf(tenant, rotation);
    await withAdminLock(admin, HANDOVERS, () =>
      withTransaction(admin, async () => {
        if (!pooled) await refuseWithoutRoom(admin, tenant, turn, reserve);
        await beginHandover(admin, turn, new Date());
      }),
    );
  }
}

async function refuse(admin: Client, inputs: GuardInputs, olds: Partial<GuardInputs> | undefined): Promise<void> {
  const { tenant, rotation, reserve, pooled } = inputs;
  if (olds !== undefined && olds.rotation !== rotation) {
    const turn = turnOf(tenant, rotation);
    await refuseUnfinished(admin, tenant, turn);
    if (!pooled) await refuseWithoutRoom(admin, tenant, turn, reserve);
  }
  const known = olds !== undefined;
  if (!inputs.adopt) return refuseExisting(admin, inputs, known);
  if (known && !(await holdsHandMade(admin, inputs.schema))) return;
  await refuseDifferences(admin, inputs);
}

async function isHandMade(inputs: GuardInputs): Promise<boolean> {
  if ((await lookups.look(inputs)) === undefined) return false;
  return withAdminConnection(inputs, (admin) => holdsHandMade(admin, inputs.schema));
}

async function holdsHandMade(admin: Client, schema: string): Promise<boolean> {
  const comment = await schemaComment(admin, schema);
  return comment !== undefined && initialisedWith(comment) === undefined;
}

async function isFenced(inputs: GuardInputs): Promise<boolean> {
  return (await lookups.look(inputs)) !== undefined && (await lookups.fencedRoles(inputs)).has(inputs.role);
}
