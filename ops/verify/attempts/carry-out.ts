import { join } from "node:path";
import type { Client } from "pg";
import { SqlFile } from "../../../database/sql-file";
import { quoteLongLiteral } from "../../../database/sql-text";
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
    const given = quoteLongLiteral(JSON.stringify(attempts.map(({ statement }) => statement)));
    await client.query(`set local b2b_tenants.attempts = ${given}; set local b2b_tenants.outcomes = ''`);
    await client.query(CARRY_OUT.text);
    const { rows } = await client.query<{ "b2b_tenants.outcomes": string }>("show b2b_tenants.outcomes");
    return unrefused(attempts, rows[0]?.["b2b_tenants.outcomes"] ?? "");
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
