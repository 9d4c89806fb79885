// What is done to the tenant that a backup is restored into, once its schema has been cleared.
import { join, relative } from "node:path";
import type { Client } from "pg";
import { differences } from "../../database/backup/contents/differences";
import { withConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import { changeSchemaComment, schemaComment } from "../../database/foreign-objects";
import { INIT_SCRIPT } from "../../database/init-script";
import { Ledger } from "../../database/migrations/ledger";
import { migrate } from "../../database/migrations/migrate";
import { pendingOf } from "../../database/migrations/pending";
import { runInitScript } from "../../database/run-init-script";
import { initialisedWith, withMarker } from "../../database/schema-marker";
import { printable, printableList } from "../../domain/printable";
import type { ProjectFiles } from "../stack/project-files";
import { PROJECT_DIR } from "../stack/pulumi-cli";
import { tablesWithRows } from "./clear-schema";
import type { TargetTenant } from "./find-target";
import { type Job, ownWords, type ProvedCopy } from "./proved-copy";
import { readTenant } from "./read-tenant";
import type { Outcome } from "./show-outcome";
import { watchReading, watchRestore } from "./watching";

/** Whoever holds a lock here has been warned of: it fails soon. */
const LOCK_TIMEOUT_MS = 5_000;

/**
 * Restores a backup into the target's schema, which has been cleared, as the target's own role. When that fails, the tenant gets its
 * empty tables again.
 *
 * @throws Error that says what is in place and what to do.
 */
export async function fillTarget({ target, backup, files, steps }: Job, copy: ProvedCopy): Promise<void> {
  try {
    await copy.restoreInto(target.login, watchRestore(steps, "restoring", backup, target.schema));
  } catch (error) {
    const failed = `the backup could not be restored into ${target.schema}: ${printable(ownWords(error as Error))}`;
    throw new Error(`${failed}. ${await emptyAgain(target, files)}`);
  }
}

/** Creates the empty tables again. @returns What is in place now, and what to do. */
async function emptyAgain(target: TargetTenant, files: ProjectFiles): Promise<string> {
  const { login, schema } = target;
  try {
    const tables = await withConnection(login, (client) => tablesWithRows(client, schema));
    // The connection may have broken after the commit had arrived.
    if (tables.length > 0) {
      return `Yet there are rows in ${printableList(tables)}: run the same command again, which finds out what is there`;
    }
    await initialise(target, files);
    return "Nothing of it was kept, and the tenant has its empty tables again: fix the cause and run the same command again";
  } catch (error) {
    return `Its tables could not be created again (${errorMessage(error)}): fix the cause and run the same command again`;
  }
}

/**
 * Does what `up` does in a new tenant's schema: creates the tables and columns that are missing, runs the migrations that the backup has
 * not had, and leaves the program's markers. A backup that has a ledger of migrations has the tables of its day already.
 */
async function initialise(target: TargetTenant, { script, files }: ProjectFiles): Promise<void> {
  const { slug, schema, login } = target;
  const migrated = await withConnection(login, (client) => new Ledger(client, schema).read());
  if (migrated === undefined) {
    const file = relative(process.cwd(), join(PROJECT_DIR, INIT_SCRIPT));
    // Whatever is in the schema came out of a backup that this program took.
    await runInitScript({ tenant: slug, schema, ...login, file, sha256: script.sha256, adopt: true });
  } else {
    const marked = (comment: string | null) => withMarker(comment, script.sha256);
    await withConnection(login, (client) => changeSchemaComment(client, schema, marked));
  }
  await migrate({ tenant: slug, schema, ...login, lockTimeout: LOCK_TIMEOUT_MS }, files, script).catch(
    (error: unknown) => {
      throw new Error(`${errorMessage(error)}. Fix that, then run \`pulumi up --refresh\`, which runs what is missing`);
    },
  );
}

/** What the target holds, and how that differs from the manifest. */
type Compared = Pick<Outcome, "found" | "differing">;

/** Compares the target with the manifest, and initialises it. @throws Error that says what is in place and what to do. */
export async function compareAndInitialise(session: Client, job: Job): Promise<Compared> {
  try {
    const compared = await compareTarget(session, job);
    await initialise(job.target, job.files);
    return compared;
  } catch (error) {
    throw new Error(
      `the backup is restored into ${job.target.schema}, but the steps after that failed: ${errorMessage(error)}; ` +
        "fix the cause and run the same command again",
    );
  }
}

/** Every object has to belong to the target's own role. */
async function compareTarget(session: Client, { backup, target, steps }: Job): Promise<Compared> {
  const watch = watchReading(steps, "comparing", backup);
  const { contents, ownedByOthers } = await readTenant(session, target, watch);
  const owners = ownedByOthers.map((object) => `${object}, not of ${target.role}`);
  return { found: contents, differing: [...differences(backup.manifest, contents), ...owners] };
}

/**
 * A run that died after the restore has left rows and no marker. If the rows are the backup's, the last step is done now.
 *
 * @param filled The tables that hold rows.
 * @throws Error when they are not the backup's: then the tenant is not empty.
 */
export async function completeEarlier(session: Client, job: Job, filled: readonly string[]): Promise<Outcome> {
  const { backup, target, files } = job;
  const refusal =
    `${target.schema} is not empty: there are rows in ${printableList(filled)}. A backup can only be restored into an empty tenant: ` +
    "empty the tables, or restore into another tenant with --as OTHER_SLUG";
  const comment = (await schemaComment(session, target.schema)) ?? null;
  if (initialisedWith(comment) !== undefined) throw new Error(refusal + (await whatIsPending(target, files)));
  const refused = new Error(refusal);
  const compared = await compareTarget(session, job);
  if (compared.differing.length > 0) throw refused;
  await initialise(target, files);
  return { backup, target, ...compared, warnings: [], neighbours: undefined, completed: true };
}

/** A run that died while it ran migrations has left nothing else to be done. */
async function whatIsPending({ login, schema, slug }: TargetTenant, { files }: ProjectFiles): Promise<string> {
  const rows = await withConnection(login, (client) => new Ledger(client, schema).read());
  const [first] = pendingOf(files, rows ?? [], slug);
  if (first === undefined) return "";
  return `. If an earlier run has restored it and died: ${first.name} has not been run yet, which \`pulumi up --refresh\` does`;
}
