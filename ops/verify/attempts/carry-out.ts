import { join } from "node:path";
import type { Client } from "pg";
import { SqlFile } from "../../../database/sql-file";
import { withTransaction } from "../../../database/transaction";
import { ROLLBACK_TIMEOUT } from "../patience";
import type { Attempt } from "./against-tenant";

/** The outcome of a statement that succeeded, and was rolled back. */
export const DONE = "00000";

/** An attempt that was not refused for want of permission. */
export interface Unrefused {
  readonly attempt: Attempt;
  /** SQLSTATE of the other reason, or `DONE`. */
  readonly outcome: string;
}

const CARRY_OUT = new SqlFile(join(__dirname, "carry-out.sql"));

/**
 * Carries attempts out in the tenant's session, and leaves nothing of them.
 *
 * @throws Error when they were not carried out, every one.
 */
export async function carryOut(client: Client, attempts: readonly Attempt[]): Promise<Unrefused[]> {
  const tryAll = async () => {
    await client.query(
      "select set_config('b2b_tenants.attempts', $1, true), set_config('b2b_tenants.outcomes', '', true)",
      [JSON.stringify(attempts.map(({ statement }) => statement))],
    );
    await client.query(CARRY_OUT.text);
    const { rows } = await client.query<{ outcomes: string }>(
      "select current_setting('b2b_tenants.outcomes') as outcomes",
    );
    return unrefused(attempts, rows[0]?.outcomes ?? "");
  };
  return withTransaction(client, tryAll, { rollBack: true, rollbackTimeout: ROLLBACK_TIMEOUT });
}

function unrefused(attempts: readonly Attempt[], outcomes: string): Unrefused[] {
  const result = JSON.parse(outcomes) as { attempts: number; unrefused: [number, string][] };
  if (result.attempts !== attempts.length) {
    throw new Error(`${result.attempts} of ${attempts.length} statements were tried`);
  }
  return result.unrefused.flatMap(([index, outcome]) => {
    const attempt = attempts[index];
    return attempt === undefined ? [] : [{ attempt, outcome }];
  });
}
