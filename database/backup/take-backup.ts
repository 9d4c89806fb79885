import { Readable } from "node:stream";
import type { Client } from "pg";
import type { ConnectionTarget } from "../../domain/connection-string";
import type { Amount } from "../../domain/quantities";
import { withAdminConnection } from "../connection";
import { errorMessage } from "../error-message";
import { endSessions } from "../offboarding/fence";
import { withTransaction } from "../transaction";
import { dumpSchema, restoreArchive } from "./archive";
import { type ArchiveDigest, type BackupManifest, manifestFileName } from "./backup-manifest";
import { differences } from "./contents/differences";
import { readContents, type SchemaContents } from "./contents/schema-contents";
import type { BackupDestination } from "./destination/backup-destination";
import { expectedSize } from "./expected-size";
import { lockTables } from "./lock-tables";
import { programVersion, refuseMixedMajors } from "./postgres-programs";
import { withScratchDatabase } from "./scratch/scratch-database";

const LOST = "the session that kept the tables locked";

/** What a backup is taken of, with what, and where to. */
export interface BackupJob {
  readonly tenant: string;
  readonly schema: string;
  readonly role: string;
  /** The admin's login. While the backup is taken, the admin is a member of `role` and may read what it owns. */
  readonly admin: ConnectionTarget;
  readonly destination: BackupDestination;
  /** Where PostgreSQL's programs are found. */
  readonly env: NodeJS.ProcessEnv;
  /** Told what has been done. */
  readonly done: (step: string) => void;
  /** Told now and then how far a step is; undefined where nobody asks. */
  readonly at?: ((step: string, amount: Amount) => void) | undefined;
}

/** Versions of what takes part, for example `16.14`. */
export interface BackupTools {
  readonly server: string;
  readonly pgDump: string;
}

/** @throws Error when a program is missing, does not go with the server, or the two do not go with each other. */
export async function backupTools(session: Client, env: NodeJS.ProcessEnv): Promise<BackupTools> {
  const { rows } = await session.query<{ version: string }>("select current_setting('server_version') as version");
  const server = /^[\d.]+/.exec(rows[0]?.version ?? "")?.[0] ?? "";
  const pgRestore = await programVersion("pg_restore", server, env);
  const pgDump = await programVersion("pg_dump", server, env);
  refuseMixedMajors(pgDump, pgRestore);
  return { server, pgDump };
}

/**
 * Takes a backup of a tenant's schema and proves it: the archive is read back from where it was written, restored into a scratch
 * database, and compared row for row with the source, in which nobody can write meanwhile. The manifest is written last.
 *
 * @param session The admin's, in no transaction, for as long as the backup takes; the tenant must have been fenced.
 * @param tools What `backupTools` found.
 */
export function takeBackup(
  session: Client,
  job: BackupJob,
  tools: BackupTools,
  fencedAt: Date,
): Promise<BackupManifest> {
  return withTransaction(session, () => backUpLocked(session, job, tools, fencedAt));
}

async function backUpLocked(
  session: Client,
  job: BackupJob,
  tools: BackupTools,
  fencedAt: Date,
): Promise<BackupManifest> {
  const { tenant, schema, role, destination, done } = job;
  await lockTables(session, schema, "share");
  // Whom the fence has let through at the last moment waits at the locks.
  await endSessions(session, role);
  done("locked");
  const file = await archiveName(destination, tenant, fencedAt);
  const [source, archive] = await readAndDump(session, job, file);
  done("read and dumped");
  await verify(job, archive, source).catch(
    told(`the backup ${destination.place(file)}, which stays there for you to look at, is not good`),
  );
  done("verified");
  // A lost session has lost its locks, and others may have written since.
  await endSessions(session, role).catch(told(LOST));
  const manifest: BackupManifest = {
    format: 1,
    tenant,
    schema,
    role,
    archive,
    ...tools,
    tool: toolVersion(),
    fencedAt: fencedAt.toISOString(),
    verifiedAt: new Date().toISOString(),
    ...source,
  };
  await destination.write(manifestFileName(file), Readable.from([`${JSON.stringify(manifest, undefined, 2)}\n`]));
  done("recorded");
  return manifest;
}

/**
 * The name of a new archive: of the second in which the tenant was fenced or, where that second has a backup already, of the first one
 * after it that has none. Should another take the name meanwhile, writing to it is refused.
 *
 * @throws DestinationError when nobody can tell which names are taken.
 */
export async function archiveName(destination: BackupDestination, tenant: string, fencedAt: Date): Promise<string> {
  const there = new Set(await destination.list());
  const time = new Date(fencedAt);
  for (;;) {
    const file = `backup_${tenant}_${time.toISOString().replace(/[-:]|\.\d+/g, "")}.dump`;
    if (!there.has(file)) return file;
    time.setUTCSeconds(time.getUTCSeconds() + 1);
  }
}

/** Side by side: nobody can write in between, and the tenant is shut out for less long. */
async function readAndDump(session: Client, job: BackupJob, file: string): Promise<[SchemaContents, ArchiveDigest]> {
  const { schema, admin, destination, env, at } = job;
  const { rows: all } = await expectedSize(session, schema);
  const rows = (done: number) => at?.("reading and dumping", { done, all, about: true, unit: "rows" });
  const unread = new AbortController();
  const [source, archive] = await Promise.allSettled([
    readContents(session, schema, { rows }).catch((error: unknown) => {
      unread.abort();
      throw error;
    }),
    dumpSchema(schema, admin, destination, file, env, { signal: unread.signal }),
  ]);
  if (source.status === "fulfilled" && archive.status === "fulfilled") return [source.value, archive.value];
  // Of a server that goes away both tell, each in its own words.
  await session.query("select").catch(told(LOST));
  if (source.status === "rejected") throw source.reason;
  return told(`pg_dump of ${schema}`)((archive as PromiseRejectedResult).reason);
}

async function verify(job: BackupJob, archive: ArchiveDigest, source: SchemaContents): Promise<void> {
  const { tenant, schema, admin, destination, env, at } = job;
  const bytes = (done: number) => at?.("restoring the backup", { done, all: archive.bytes, unit: "bytes" });
  const all = source.tables.reduce((sum, table) => sum + table.rows, 0);
  const rows = (done: number) => at?.("comparing what was restored", { done, all, unit: "rows" });
  // Another session: in the one that holds the locks no database can be made.
  await withAdminConnection(admin, (session) =>
    withScratchDatabase(session, admin, tenant, async (owner) => {
      await restoreArchive(destination, archive, owner, env, [], { bytes });
      const copy = await withAdminConnection(owner, (client) => readContents(client, schema, { rows }));
      const differing = differences(source, copy);
      if (differing.length > 0) throw new Error(`its copy differs from the tenant's data: ${differing.join("; ")}`);
    }),
  );
}

function told(what: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${what}: ${errorMessage(error)}`);
  };
}

function toolVersion(): string {
  const { name, version } = require("../../package.json") as { name: string; version: string };
  return `${name} ${version}`;
}
