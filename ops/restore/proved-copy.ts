import { type Client, escapeIdentifier } from "pg";
import { copySchema, restoreArchive } from "../../database/backup/archive";
import { differences, readContents, type SchemaContents } from "../../database/backup/contents/schema-contents";
import { structureOf } from "../../database/backup/contents/schema-structure";
import { withReadingSession } from "../../database/backup/reading-session";
import { withScratchDatabase } from "../../database/backup/scratch/scratch-database";
import { withAdminConnection, withConnection } from "../../database/connection";
import type { ConnectionTarget } from "../../domain/connection-string";
import { roleName, schemaName } from "../../domain/names";
import { printable } from "../../domain/printable";
import type { TargetTenant } from "./find-target";
import type { Backup } from "./open-backup";
import { tableProgress } from "./table-progress";

/** A backup that has been tried out, and can be restored into the target. */
export interface ProvedCopy {
  /** What names the source tenant as text, and so goes on naming it under another slug; each in one line, fit for a terminal. */
  readonly warnings: readonly string[];
  /**
   * Restores in one transaction, all or nothing.
   *
   * @param owner The login that everything is to belong to.
   */
  restoreInto(owner: ConnectionTarget, onLine: (line: string) => void): Promise<void>;
}

export interface Job {
  readonly backup: Backup;
  readonly target: TargetTenant;
  /** The admin's login. */
  readonly admin: ConnectionTarget;
  /** Where PostgreSQL's programs are found. */
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
}

/**
 * Schema and comment stay as they are: the tenant's role may make no schema. pg_restore picks by the schema that the archive has
 * for each object, so no name in it can smuggle anything past that.
 */
const intoSchema = (schema: string) => [`--schema=${schema}`, "--single-transaction", "--verbose"];

/**
 * Restores a backup into a scratch database and compares it with its manifest, for `work` to go on with; of the target nothing is
 * touched. For a target of another slug the copy gets that one's schema name, and is what is restored then.
 *
 * @param session The admin's, in no transaction.
 * @throws Error when the backup cannot be restored or does not hold what its manifest says; what `work` fails with.
 */
export async function withProvedCopy<T>(session: Client, job: Job, work: (copy: ProvedCopy) => Promise<T>): Promise<T> {
  const { backup, target, admin, env } = job;
  const { destination, manifest } = backup;
  return withScratchDatabase(session, admin, target.slug, async (owner) => {
    await prove(job, owner);
    if (manifest.tenant !== target.slug) {
      const warnings = await rename(owner, manifest.tenant, target.slug);
      return work({
        warnings,
        restoreInto: (to, onLine) => copySchema(target.schema, owner, to, env, intoSchema(target.schema), onLine),
      });
    }
    return work({
      warnings: [],
      restoreInto: (to, onLine) =>
        restoreArchive(destination, manifest.archive, to, env, intoSchema(target.schema), onLine),
    });
  });
}

async function prove({ backup, env, report }: Job, owner: ConnectionTarget): Promise<void> {
  const { destination, manifest, place } = backup;
  const schema = schemaName(manifest.tenant);
  const tell = tableProgress(schema, manifest.tables.length, (table) => report(`trying out ${table}`));
  await restoreArchive(destination, manifest.archive, owner, env, ["--verbose"], tell).catch((error: Error) => {
    throw new Error(`the backup ${place} cannot be restored: ${printable(ownWords(error))}`);
  });
  const copy = await withAdminConnection(owner, (client) =>
    readContents(client, schema, (table, index, total) =>
      report(`comparing the copy of ${printable(table)} (${index + 1} of ${total})`),
    ),
  );
  const differing = [...differences(manifest, copy), ...unlisted(manifest, copy)];
  if (differing.length > 0) {
    throw new Error(`the backup ${place} does not hold what its manifest says: ${differing.join("; ")}`);
  }
}

/** What pg_restore says of an error, without its report of what went well. */
export function ownWords({ message }: Error): string {
  return message.replace(/^(pg_restore [^:]*: ).*?(pg_restore: error: )/s, "$1$2");
}

function unlisted(manifest: SchemaContents, copy: SchemaContents): string[] {
  const listed = new Set([...manifest.tables, ...manifest.sequences].map(({ name }) => name));
  return [...copy.tables, ...copy.sequences]
    .filter(({ name }) => !listed.has(name))
    .map(({ name }) => `${printable(name)} is not in the manifest`);
}

/** PostgreSQL keeps references to objects, which follow; texts, as in a function's body, do not. */
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
