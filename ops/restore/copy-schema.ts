import { pipeline } from "node:stream/promises";
import { escapeIdentifier } from "pg";
import { startProgram } from "../../database/backup/postgres-programs";
import type { ConnectionTarget } from "../../domain/connection-string";

/**
 * Copies a schema from one database to another, without a file in between.
 *
 * @param options Of pg_restore.
 * @throws Error with the words of the program that failed. Under `--single-transaction` nothing was copied then.
 */
export async function copySchema(
  schema: string,
  from: ConnectionTarget,
  to: ConnectionTarget,
  options: readonly string[],
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): Promise<void> {
  const what = ["--format=custom", `--schema=${escapeIdentifier(schema)}`, "--no-publications", "--no-subscriptions"];
  const dump = startProgram("pg_dump", what, from, env);
  const how = ["--exit-on-error", "--no-owner", "--no-privileges", ...options, `--dbname=${to.database}`];
  const restore = startProgram("pg_restore", how, to, env, onLine);
  const piped = pipeline(dump.child.stdout, restore.child.stdin).catch(() => void dump.child.kill());
  const [dumped, restored] = await Promise.allSettled([dump.ended, restore.ended, piped]);
  // pg_restore ends well only when it has found each block that the archive's beginning announces: whatever a dump complains of
  // then, it had written all.
  if (restored.status === "fulfilled") return;
  const reasons = [dumped, restored].flatMap((one) =>
    one.status === "rejected" ? [(one.reason as Error).message] : [],
  );
  throw new Error(reasons.join("; "));
}
