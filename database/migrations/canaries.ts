import { isDeepStrictEqual } from "node:util";
import type { ClientBase } from "pg";
import { slugOfSchema } from "../../domain/names";
import { COMMENT_LENGTH } from "../foreign-objects";
import { migratedTo } from "../schema-marker";
import type { MigratedTenant } from "./file-run";
import { migratedToOf } from "./ledger";
import type { MigrationFile } from "./migration-files";

/**
 * Refuses to run what the canaries have not run. Their schemas' comments say how far they are, which every role may read; a canary that
 * lies harms nobody but those who trust it to try things first.
 *
 * @param canaries Names of their schemas. One that is not in this database is not waited for.
 * @throws Error that names the first canary that is behind.
 */
export async function refuseBeforeCanaries(
  client: ClientBase,
  { tenant }: MigratedTenant,
  files: readonly MigrationFile[],
  canaries: readonly string[],
): Promise<void> {
  if (canaries.length === 0) return;
  const { rows } = await client.query<{ schema: string; comment: string | null }>(
    `select nspname::text as schema, left(obj_description(oid, 'pg_namespace'), $2) as comment
       from pg_namespace where nspname = any ($1) order by nspname`,
    [canaries, COMMENT_LENGTH],
  );
  for (const { schema, comment } of rows) {
    if (isDeepStrictEqual(migratedTo(comment), migratedToOf(files))) continue;
    const canary = slugOfSchema(schema) ?? schema;
    const last = files.at(-1)?.name ?? "";
    throw new Error(
      `nothing was run for tenant ${tenant}: its canary ${canary} has not come to ${last}. If the canary has failed, fix that ` +
        "first; if it belongs to another stack, deploy that stack first",
    );
  }
}
