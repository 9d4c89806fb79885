import type { Client } from "pg";
import type { ConnectionTarget } from "../../domain/connection-string";
import { counted } from "../../domain/counted";
import type { Amount } from "../../domain/quantities";
import { whatABackupMisses, whatOthersWouldLose } from "../backup/beyond-schema";
import { openDestination } from "../backup/destination/open-destination";
import { type BackupTools, backupTools, takeBackup } from "../backup/take-backup";
import { ConnectionRefused, withAdminConnection } from "../connection";
import { errorMessage } from "../error-message";
import { proofOf } from "./drop-tables";
import { markDroppable, raiseFence, WITHOUT_BACKUP } from "./fence";
import { liftAfterFailure } from "./lift-after-failure";
import { RemovalUnderWay, withRemovalLock } from "./offboarding-lock";
import { whatKeepsRole } from "./rights-elsewhere";
import { STORED_LOGIN } from "./stored-login";

/** A tenant, its database, the admin's login to it, and where its backup goes. */
export interface GateInputs extends ConnectionTarget {
  readonly tenant: string;
  readonly schema: string;
  readonly role: string;
  /** A folder, or `s3://bucket/prefix`. */
  readonly destination: string;
  readonly kmsKeyId?: string;
  readonly region: string;
  /** Whether a backup is taken and proved first. */
  readonly backup: boolean;
}

export interface OffboardOptions {
  /** Where PostgreSQL's programs are found. */
  readonly env: NodeJS.ProcessEnv;
  /** Told each step that has been done. */
  readonly done: (step: string) => void;
  /** Told now and then how far a step is; undefined where nobody asks. */
  readonly at?: (step: string, amount: Amount) => void;
}

/**
 * Makes a tenant ready to be dropped: fenced, and backed up by an archive that has been restored and compared.
 *
 * @throws Error when anything of that fails. Nothing was dropped then, and the tenant can log in; the message says what failed
 * and what to do.
 */
export async function offboard(gate: GateInputs, options: OffboardOptions): Promise<void> {
  const { role } = gate;
  try {
    await withAdminConnection(gate, (session) =>
      withRemovalLock(session, role, () => makeReady(session, gate, options).catch((error) => letInAgain(gate, error))),
    );
  } catch (error) {
    const unreached = error instanceof ConnectionRefused ? `. ${kept(gate)}. ${STORED_LOGIN}` : "";
    throw new Error(`${gate.tenant} was not removed: ${errorMessage(error)}${unreached}`);
  }
}

async function makeReady(session: Client, gate: GateInputs, options: OffboardOptions): Promise<void> {
  const { schema, role } = gate;
  const [isRole, isSchema] = await Promise.all([roleExists(session, role), schemaExists(session, schema)]);
  const tools = gate.backup && isSchema ? await backupTools(session, options.env) : undefined;
  if (tools) await destinationOf(gate).check();
  await refuseEarly(session, gate, tools !== undefined);
  const since = new Date();
  if (isRole) {
    await raiseFence(session, role, since);
    options.done("fenced");
  }
  const proof = tools ? await backUp(session, gate, options, tools, since) : WITHOUT_BACKUP;
  if (isRole) await markDroppable(session, role, since, proof);
  options.done("ready to be dropped");
}

/** All that can be known to fail is found out before the tenant is disturbed. */
async function refuseEarly(session: Client, { schema, role }: GateInputs, needsBackup: boolean): Promise<void> {
  const missed = await (needsBackup ? whatABackupMisses : whatOthersWouldLose)(session, schema, role);
  const findings = [...missed, ...(await whatKeepsRole(session, schema, role))];
  if (findings.length > 0) throw new Error(findings.join("; "));
}

async function backUp(
  session: Client,
  gate: GateInputs,
  options: OffboardOptions,
  tools: BackupTools,
  since: Date,
): Promise<string> {
  const { tenant, schema, role } = gate;
  // Once more, now that the tenant cannot change it any more.
  await refuseEarly(session, gate, true);
  const destination = destinationOf(gate);
  const { archive, tables } = await takeBackup(
    session,
    { tenant, schema, role, admin: gate, destination, ...options },
    tools,
    since,
  );
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  options.done(
    `backup verified: ${destination.place(archive.file)} ` +
      `(${counted(tables.length, "table")}, ${counted(rows, "row")}, ${counted(archive.bytes, "byte")})`,
  );
  return proofOf(tables);
}

function destinationOf({ destination, region, kmsKeyId }: GateInputs) {
  return openDestination(destination, { aws: { region }, ...(kmsKeyId === undefined ? {} : { kmsKeyId }) });
}

const THEN = "Put that right and run the same again, or put the tenant's file back and run `up`";

function kept({ role, schema }: GateInputs): string {
  return `Nothing was dropped: role ${role}, schema ${schema} and all else are in place`;
}

/** Fails with what failed, and says whether the tenant can log in. */
async function letInAgain(gate: GateInputs, failure: unknown): Promise<never> {
  if (failure instanceof RemovalUnderWay) throw failure;
  const lifted = await liftAfterFailure(gate, gate.role).then(
    () => "and the tenant can log in",
    (error: unknown) =>
      `but the tenant is still fenced, since the database could not be reached (${errorMessage(error)}): ` +
      `run \`up\` with the tenant's file, or, as the admin, alter role ${gate.role} login`,
  );
  throw new Error(`${errorMessage(failure)}. ${kept(gate)}, ${lifted}. ${THEN}.`);
}

async function roleExists(session: Client, role: string): Promise<boolean> {
  return (await session.query("select from pg_roles where rolname = $1", [role])).rowCount === 1;
}

async function schemaExists(session: Client, schema: string): Promise<boolean> {
  return (await session.query("select from pg_namespace where nspname = $1", [schema])).rowCount === 1;
}
