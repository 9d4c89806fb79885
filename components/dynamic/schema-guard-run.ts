/**
 * What `SchemaGuard` does when a deployment runs. The provider code stored in every stack's state loads this file by its path, so
 * neither path nor the names and arguments of its exports may change.
 */
import type { CheckResult, CreateResult, DiffResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import type { Client } from "pg";
import { refuseDifferences, releaseAdmin } from "../../database/adoption/adoption";
import { ConnectionRefused, withAdminConnection } from "../../database/connection";
import { Refusal, refuseExisting, type TenantNames } from "../../database/existing-tenant";
import { schemaComment } from "../../database/foreign-objects";
import { fencedOnServer, liftFence } from "../../database/offboarding/fence";
import { withRemovalLock } from "../../database/offboarding/offboarding-lock";
import { initialisedWith } from "../../database/schema-marker";
import { isElsewhere } from "../../database/tenant-place";
import type { ConnectionTarget } from "../../domain/connection-string";
import { plainly } from "./plain-error";

/** The tenant that is looked for, and the admin's login. */
export interface GuardInputs extends ConnectionTarget, TenantNames {
  readonly adopt: boolean;
}

/** A preview must not wait long for a server that it can do without. */
const PREVIEW_CONNECT_TIMEOUT_MS = 3_000;

/**
 * In a preview as in a deployment, before either has done anything: refuses what `create` or `update` would refuse. A server that
 * cannot be reached, or does not admit the admin, is no fault of the tenant's: they will say so.
 */
export async function check(olds: Partial<GuardInputs>, news: GuardInputs): Promise<CheckResult> {
  const known = olds.schema !== undefined;
  if (known && olds.database !== news.database) {
    return { inputs: news, failures: [{ property: "", reason: moved(news, olds.database ?? "") }] };
  }
  if (known && !isElsewhere(olds, news)) return { inputs: news };
  try {
    if (await answers(news)) await withAdminConnection(news, (admin) => refuse(admin, news, known));
  } catch (error) {
    if (error instanceof Refusal) return { inputs: news, failures: [{ property: "", reason: error.message }] };
    if (!(error instanceof ConnectionRefused)) throw error;
  }
  return { inputs: news };
}

/** A schema in another database is a new one, and the provider would drop the old one for it. */
function moved({ tenant, database }: GuardInputs, from: string): string {
  return (
    `tenant ${tenant} lives in database ${from}, and b2b-tenants:database names ${database}: a changed setting moves no data. ` +
    "Nothing of it was changed. Remove the tenants with the old setting (each is backed up), change it, add them again, and restore them"
  );
}

/** The tenant is new to this stack: nothing of it may be there, or it is to be taken over. */
export function create(inputs: GuardInputs): Promise<CreateResult> {
  return plainly(async () => {
    await withAdminConnection(inputs, (admin) => pass(admin, inputs, false));
    return { id: `${inputs.database}.${inputs.schema}`, outs: state(inputs) };
  });
}

/**
 * Whether to look again: where the schema is to be is another place, or a schema that this program did not make is to be taken
 * over, or the tenant is found shut out by a removal that was given up. All else is taken into the state without a step in the deployment, so that the guard logs in with the password of the day
 * when it does, and `adopt` can come and go.
 */
export async function diff(_id: string, olds: GuardInputs, news: GuardInputs): Promise<DiffResult> {
  const turnedOn = news.adopt && !olds.adopt;
  return { changes: isElsewhere(olds, news) || (await isShutOut(news)) || (turnedOn && (await isHandMade(news))) };
}

/** The tenant is known: its own role, and its own schema, which it finds there when only the server's name changed, pass. */
export function update(_id: string, _olds: GuardInputs, news: GuardInputs): Promise<UpdateResult> {
  return plainly(async () => {
    await withAdminConnection(news, (admin) => pass(admin, news, true));
    return { outs: state(news) };
  });
}

async function pass(admin: Client, inputs: GuardInputs, known: boolean): Promise<void> {
  await refuse(admin, inputs, known);
  if (inputs.adopt) await releaseAdmin(admin, inputs.role);
  // Before anything logs in as the tenant. What it writes before its gate stands again, its drop guard keeps.
  await withRemovalLock(admin, inputs.role, () => liftFence(admin, inputs.role));
}

async function refuse(admin: Client, inputs: GuardInputs, known: boolean): Promise<void> {
  if (!inputs.adopt) return refuseExisting(admin, inputs, known);
  if (known && !(await holdsHandMade(admin, inputs.schema))) return;
  await refuseDifferences(admin, inputs);
}

async function isHandMade(inputs: GuardInputs): Promise<boolean> {
  if (!(await answers(inputs))) return false;
  return withAdminConnection(inputs, (admin) => holdsHandMade(admin, inputs.schema));
}

async function holdsHandMade(admin: Client, schema: string): Promise<boolean> {
  const comment = await schemaComment(admin, schema);
  return comment !== undefined && initialisedWith(comment) === undefined;
}

async function isShutOut(inputs: GuardInputs): Promise<boolean> {
  const { host, port, database, sslmode, user, password, role } = inputs;
  return (await answers(inputs)) && (await fencedOnServer({ host, port, database, sslmode, user, password })).has(role);
}

/** One attempt for all tenants of a deployment: a fleet's preview must not wait for an unreachable server once a tenant. */
const attempts = new Map<string, Promise<boolean>>();

function answers(inputs: GuardInputs): Promise<boolean> {
  const { host, port, database, user, password } = inputs;
  const key = JSON.stringify([host, port, database, user, password]);
  const attempt = attempts.get(key) ?? canLogIn(inputs);
  attempts.set(key, attempt);
  return attempt;
}

function canLogIn(inputs: GuardInputs): Promise<boolean> {
  const options = { connectTimeout: PREVIEW_CONNECT_TIMEOUT_MS };
  return withAdminConnection(inputs, async () => true, options).catch(() => false);
}

/** Named one by one: the SDK's own `__provider` comes along in the inputs, and must not be stored twice. */
function state(inputs: GuardInputs): GuardInputs {
  const { tenant, role, schema, host, port, database, sslmode, user, password, adopt } = inputs;
  return { tenant, role, schema, host, port, database, sslmode, user, password, adopt };
}
