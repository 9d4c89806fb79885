import type { Client, QueryResult } from "pg";
import { withTransaction } from "../../../database/transaction";
import { ROLLBACK_TIMEOUT } from "../patience";
import type { Attempt } from "./attempt";

/** SQLSTATE of `insufficient_privilege`: the only refusal that proves a wall. */
const REFUSED = "42501";

/** Stands for a statement that was carried out, and taken back. */
export const DONE = "00000";

/** An attempt that was not refused for want of permission. */
export interface Unrefused {
  readonly attempt: Attempt;
  /** SQLSTATE of the other reason, or `DONE`. */
  readonly outcome: string;
}

/**
 * One message for any number of attempts. Each has a subtransaction of its own, which is undone even when the attempt succeeds. A
 * prepared statement is the one thing that would outlive that.
 */
const CARRY_OUT = `
do language plpgsql $attempts$
declare
  attempt record;
  succeeded boolean;
  unrefused json[] := '{}';
  number_of_attempts int := 0;
begin
  for attempt in
    select ordinality, value from json_array_elements_text(current_setting('b2b_tenants.attempts')::json) with ordinality
  loop
    succeeded := false;
    begin
      execute attempt.value;
      succeeded := true;
      deallocate all;
      raise exception 'undone';
    exception when others then
      if succeeded or sqlstate <> '${REFUSED}' then
        unrefused := unrefused || json_build_array(attempt.ordinality - 1, case when succeeded then '${DONE}' else sqlstate end);
      end if;
    end;
    number_of_attempts := number_of_attempts + 1;
  end loop;
  perform set_config('b2b_tenants.outcomes', json_build_object('attempts', number_of_attempts, 'unrefused', unrefused)::text, true);
end $attempts$;
select current_setting('b2b_tenants.outcomes') as outcomes`;

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
    // Two statements have two results, which the types do not know of.
    const [, { rows } = { rows: [] }] = (await client.query(CARRY_OUT)) as unknown as QueryResult<{
      outcomes: string;
    }>[];
    return unrefused(attempts, rows[0]?.outcomes ?? "");
  };
  return withTransaction(client, tryAll, { rollBack: true, rollbackTimeout: ROLLBACK_TIMEOUT });
}

function unrefused(attempts: readonly Attempt[], outcomes: string): Unrefused[] {
  const told = JSON.parse(outcomes) as { attempts: number; unrefused: [number, string][] };
  if (told.attempts !== attempts.length) {
    throw new Error(`${told.attempts} of ${attempts.length} statements were tried`);
  }
  return told.unrefused.flatMap(([index, outcome]) => {
    const attempt = attempts[index];
    return attempt === undefined ? [] : [{ attempt, outcome }];
  });
}
