import { type Client, escapeIdentifier } from "pg";
import { copySchema, restoreArchive } from "../../database/backup/archive";
import { differences } from "../../database/backup/contents/differences";
import { readContents, type SchemaContents } from "../../database/backup/contents/schema-contents";
import { structureOf } from "../../database/backup/contents/schema-structure";
import { withReadingSession } from "../../database/backup/reading-session";
import { withScratchDatabase } from "../../database/backup/scratch/scratch-database";
import type { Watch } from "../../database/backup/watch";
import { withAdminConnection, withConnection } from "../../database/connection";
import { ownComment } from "../../database/foreign-objects";
import type { ConnectionTarget } from "../../domain/connection-string";
import { roleName, schemaName } from "../../domain/names";
import { printable } from "../../domain/printable";
import type { ProjectFiles } from "../stack/project-files";
import type { Steps } from "../steps";
import type { TargetTenant } from "./find-target";
import type { Backup } from "./open-backup";
import { watchReading, watchRestore } from "./watching";

/** A backup that has been restored into a scratch database and is proved to hold what its manifest says. */
export interface ProvedCopy {
  /** Texts that name the source tenant, and go on naming it under another slug; each in one line, fit for a terminal. */
  readonly warnings: readonly string[];
  /** What the tenant has written into its schema's comment; null for nothing. `restoreInto` leaves the schema's comment as it is. */
  readonly comment: string | null;
  /**
   * Restores in one transaction, all or nothing.
   *
   * @param owner The login that everything is to belong to.
   */
  restoreInto(owner: ConnectionTarget, watch: Watch): Promise<void>;
}

/** What a restore works with. */
export interface Job {
  readonly backup: Backup;
  readonly target: TargetTenant;
  /** Read before anything is written, so that a missing file is found before too. */
  readonly files: ProjectFiles;
  /** The admin's login. */
  readonly admin: ConnectionTarget;
  /** Where PostgreSQL's programs are found. */
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
  readonly steps: Steps;
}

/**
 * Options of pg_restore. The schema and its comment stay as they are, since the tenant's role may create no schema. pg_restore
 * selects by the schema that the archive has for each object, so no name in the archive can get past that.
 */
const intoSchema = (schema: string) => [`--schema=${schema}`, "--single-transaction", "--verbose"];

/**
 * Restores a backup into a scratch database and compares it with its manifest, for `work` to go on with; the target is not touched.
 * For a target of another slug the copy gets that tenant's schema name, and is then restored instead of the archive.
 *
 * @param session The admin's, in no transaction.
 * @returns What `work` returns, also when the scratch database cannot be dropped afterwards: the next run drops it.
 * @throws Error when the backup cannot be restored or does not match its manifest; what `work` fails with.
 */
export async function withProvedCopy<T>(session: Client, job: Job, work: (copy: ProvedCopy) => Promise<T>): Promise<T> {
  const { backup, target, admin, env, report } = job;
  const { destination, manifest } = backup;
  const tryOut = async (owner: ConnectionTarget) => {
    const comment = await prove(job, owner);
    if (manifest.tenant !== target.slug) {
      const warnings = await rename(owner, manifest.tenant, target.slug);
      return work({
        warnings,
        comment,
        restoreInto: (to, { line }) =>
          copySchema(target.schema, owner, to, env, intoSchema(target.schema), { ...(line && { line }) }),
      });
    }
    return work({
      warnings: [],
      comment,
      restoreInto: (to, watch) =>
        restoreArchive(destination, manifest.archive, to, env, intoSchema(target.schema), watch),
    });
  };
  return withScratchDatabase(session, admin, target.slug, tryOut, (left) => report(`! ${left}`));
}

/** @returns The comment that the schema's owner has given it. */
async function prove({ backup, env, steps }: Job, owner: ConnectionTarget): Promise<string | null> {
  const { destination, manifest, place } = backup;
  const schema = schemaName(manifest.tenant);
  const watch = watchRestore(steps, "trying out", backup, schema);
  await restoreArchive(destination, manifest.archive, owner, env, ["--single-transaction", "--verbose"], watch).catch(
    (error: Error) => {
      throw new Error(`the backup ${place} cannot be restored: ${printable(ownWords(error))}`);
    },
  );
  const [copy, comment] = await withAdminConnection(owner, async (client) => [
    await readContents(client, schema, watchReading(steps, "comparing the copy of", backup)),
    await ownComment(client, schema),
  ]);
  const differing = [...differences(manifest, copy), ...unlisted(manifest, copy)];
  if (differing.length > 0) {
    throw new Error(`the backup ${place} does not match its manifest: ${differing.join("; ")}`);
  }
  return comment;
}

/** What pg_restore says of an error, without its report of what went well before. */
export function ownWords({ message }: Error): string {
  return message.replace(/^(pg_restore [^:]*: ).*?(pg_restore: error: )/s, "$1$2");
}

function unlisted(manifest: SchemaContents, copy: SchemaContents): string[] {
  const listed = new Set([...manifest.tables, ...manifest.sequences].map(({ name }) => name));
  return [...copy.tables, ...copy.sequences]
    .filter(({ name }) => !listed.has(name))
    .map(({ name }) => `${printable(name)} is not in the manifest`);
}

/** Renames the copy's schema. References to its objects follow; texts, for example in a function's body, do not and are returned. */
async function rename(owner: ConnectionTarget, from: string, to: string): Promise<string[]> {
  const schema = schemaName(to);
  await withConnection(owner, (client) =>
    client.query(`alter schema ${escapeIdentifier(schemaName(from))} rename to ${escapeIdentifier(schema)}`),
  );
  return withAdminConnection(owner, async (client) => {
    const { rows } = await client.query<{ object: string }>(
      `select pg_describe_object('pg_proc'::regclass, oid, 0) as object from pg_proc
        where pronamespace = (select oid from pg_namespace where nspname = $1) and prosrc ~ $2 order by 1`,
      [schema, `\\m(${schemaName(from)}|${roleName(from)})\\M`],
    );
    const structure = await withReadingSession(client, () => structureOf(client, schema));
    const names = new RegExp(`\\b(${schemaName(from)}|${roleName(from)})\\b`);
    return [...rows.map(({ object }) => `body of ${object}`), ...structure.filter((text) => names.test(text))].map(
      printable,
    );
  });
}
