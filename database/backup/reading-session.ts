import type { Client } from "pg";
import { withTransaction } from "../transaction";

/**
 * Whatever of a session decides how a value or a definition is written as text, so that the same is written the same wherever it
 * is read. Names are looked up in the system's schema alone: nothing of a tenant's can take a system function's or operator's
 * place. Rows that a policy hides make the reading fail instead of being left out.
 */
const SETTINGS = `
  set local search_path = pg_catalog;
  set local row_security = off;
  set local client_encoding = 'UTF8';
  set local datestyle = 'ISO, YMD';
  set local intervalstyle = 'postgres';
  set local timezone = 'UTC';
  set local extra_float_digits = 1;
  set local bytea_output = 'hex';
  set local lc_monetary = 'C';
  set local xmloption = 'content';
  set local quote_all_identifiers = off;
`;

/**
 * Lets `work` read under settings of its own: in one snapshot, or else in the transaction that the caller has begun. The session is
 * as it was before, whatever happens.
 */
export function withReadingSession<T>(client: Client, work: () => Promise<T>): Promise<T> {
  const read = async () => {
    await client.query(SETTINGS);
    return work();
  };
  // Nothing is written, so rolling back loses nothing and takes the settings back.
  return withTransaction(client, read, { mode: "isolation level repeatable read read only", rollBack: true });
}
