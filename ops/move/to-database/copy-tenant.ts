// A tenant's schema, copied from one database server into the tenant's empty schema on another.
import { isDeepStrictEqual } from "node:util";
import type { Client } from "pg";
import { copySchema } from "../../../database/backup/archive";
import { whatABackupMisses } from "../../../database/backup/beyond-schema";
import { differences } from "../../../database/backup/contents/differences";
import { readContents, type SchemaContents } from "../../../database/backup/contents/schema-contents";
import { lockTables } from "../../../database/backup/lock-tables";
import { withScratchDatabase, withScratchLogin } from "../../../database/backup/scratch/scratch-database";
import { withAdminConnection, withConnection } from "../../../database/connection";
import { errorMessage } from "../../../database/error-message";
import { schemaComment, writeSchemaComment } from "../../../database/foreign-objects";
import { endSessions, raiseFence } from "../../../database/offboarding/fence";
import { liftAfterFailure } from "../../../database/offboarding/lift-after-failure";
import { withRemovalLock } from "../../../database/offboarding/offboarding-lock";
import { type MigratedTo, migratedTo } from "../../../database/schema-marker";
import { withTransaction } from "../../../database/transaction";
import type { ConnectionTarget } from "../../../domain/connection-string";
import { roleName, schemaName } from "../../../domain/names";
import { clearSchema } from "../../restore/clear-schema";
import { readTenant } from "../../restore/read-tenant";
import { adminTarget } from "../../stack/admin-target";
import type { StackAccess } from "../../stack/stack-access";
import { expectedLogin, readLogins } from "../../stack/tenant-environment";

/** What is copied, and from where to where. */
export interface CopyJob {
  readonly slug: string;
  readonly source: StackAccess;
  readonly target: StackAccess;
  readonly report: (line: string) => void;
}

/**
 * Copies a tenant that goes on working into a scratch database on the target's server, and compares as the real copy will.
 *
 * @returns Seconds that it took.
 * @throws Error when it cannot be copied there. The tenant was only read.
 */
export async function tryCopy({ slug, source, target, report }: CopyJob): Promise<number> {
  const schema = schemaName(slug);
  const login = (await readLogins(source, [slug])).get(slug) ?? { problem: "", missing: true };
  const reader = expectedLogin(source, slug, login);
  const admin = adminTarget(target);
  return withAdminConnection(admin, (there) =>
    withScratchDatabase(there, admin, slug, async (owner) => {
      const began = performance.now();
      await withAdminConnection(adminTarget(source), async (here) => {
        const reading = readTenant(here, { schema, role: roleName(slug) });
        const [read] = await Promise.all([reading, copySchema(schema, reader, owner, target.env, [], {})]);
        report(
          `tried out: ${read.contents.tables.length} tables of ${slug} can be copied to the server of ${target.stack}`,
        );
      });
      await withAdminConnection(owner, (client) => readContents(client, schema));
      return (performance.now() - began) / 1000;
    }),
  );
}

/**
 * Shuts a tenant out, copies all that it has into its schema on the target's server, whatever is there, and proves the copy. Then does the
 * `last` of it while nobody can let the tenant in again; should anything fail, the tenant can log in again.
 *
 * @param last Done in a session of the source's admin.
 * @returns When the tenant was shut out.
 */
export async function copyFenced(job: CopyJob, last: (admin: Client, since: Date) => Promise<void>): Promise<Date> {
  const { slug, source, report } = job;
  const [admin, role] = [adminTarget(source), roleName(slug)];
  return withAdminConnection(admin, (session) =>
    withRemovalLock(session, role, async () => {
      await refuseIncomplete(session, slug);
      await refuseOtherMigrations(session, job);
      const since = new Date();
      try {
        await raiseFence(session, role, since, "move");
        report(`✓ ${slug}: shut out of the database of ${source.stack}`);
        await copyLocked(session, job);
        await last(session, since);
        return since;
      } catch (error) {
        // Where this fails, whoever takes the move back says so.
        await liftAfterFailure(admin, role).catch(() => {});
        throw error;
      }
    }),
  );
}

async function refuseIncomplete(session: Client, slug: string): Promise<void> {
  const missed = await whatABackupMisses(session, schemaName(slug), roleName(slug));
  if (missed.length > 0) throw new Error(missed.join("; "));
}

/** The target's state says which migrations the tenant has behind it there, and the copy brings those that it has here. */
async function refuseOtherMigrations(session: Client, { slug, source, target }: CopyJob): Promise<void> {
  const ofSchema = async (admin: Client) => migratedTo((await schemaComment(admin, schemaName(slug))) ?? null);
  const here = await ofSchema(session);
  const there = await withAdminConnection(adminTarget(target), ofSchema);
  if (isDeepStrictEqual(here, there)) return;
  const last = (mark: MigratedTo | undefined) => (mark === undefined ? "none" : String(mark.number));
  throw new Error(
    `${slug} has other migrations behind it in ${source.stack} (the last one: ${last(here)}) than those of ${target.stack} (${last(there)}): ` +
      "deploy both stacks from the same migrations first",
  );
}

async function copyLocked(session: Client, job: CopyJob): Promise<void> {
  const { slug, source, target, report } = job;
  const [schema, role, there] = [schemaName(slug), roleName(slug), adminTarget(target)];
  await withTransaction(session, async () => {
    await lockTables(session, schema, "share");
    // Whom the fence has let through at the last moment waits at the locks.
    await endSessions(session, role);
    const comment = (await schemaComment(session, schema)) ?? null;
    await withAdminConnection(there, (admin) =>
      withScratchLogin(admin, there, slug, async (owner) => {
        await withConnection(owner, (client) => clearSchema(client, schema, null, "dropped"));
        const contents = await readAndCopy(session, job, owner);
        await withConnection(owner, (client) => writeSchemaComment(client, schema, comment));
        const { contents: found, ownedByOthers } = await readTenant(admin, { schema, role });
        const differing = [...differences(contents, found), ...ownedByOthers];
        if (differing.length > 0) {
          throw new Error(`the copy in ${target.stack} differs from what ${slug} has: ${differing.join("; ")}`);
        }
        report(`✓ ${slug}: copied to the server of ${target.stack}, and every row compared`);
      }),
    );
    // A lost session has lost its locks, and others may have written since.
    await endSessions(session, role).catch((error: unknown) => {
      throw new Error(`the session that kept the tables of ${source.stack} locked: ${errorMessage(error)}`);
    });
  });
}

/** Side by side: nobody can write in between, and the tenant is shut out for less long. */
async function readAndCopy(session: Client, job: CopyJob, owner: ConnectionTarget): Promise<SchemaContents> {
  const { slug, source, target } = job;
  const schema = schemaName(slug);
  const options = [`--schema=${schema}`, "--single-transaction"];
  const [read, copied] = await Promise.allSettled([
    readContents(session, schema),
    copySchema(schema, adminTarget(source), owner, target.env, options, {}),
  ]);
  if (copied.status === "rejected") throw copied.reason;
  if (read.status === "rejected") throw read.reason;
  return read.value;
}
