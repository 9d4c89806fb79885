import type { Transaction } from "./connection";

/**
 * Takes the role's and its members' advisory locks until the transaction ends, as the real provider does: PostgreSQL
 * fails with "tuple concurrently updated" where two sessions change one role's memberships or privileges.
 */
export async function lockRole(txn: Transaction, role: string): Promise<void> {
  await waitWithoutLimit(txn);
  await txn.rows("select pg_advisory_xact_lock(oid::bigint) from pg_roles where rolname = $1", [role]);
  await txn.rows(
    `select pg_advisory_xact_lock(member::bigint)
       from pg_auth_members join pg_roles on roleid = pg_roles.oid where rolname = $1`,
    [role],
  );
}

/** {@link lockRole} for a database, whose privileges are one row. */
export async function lockDatabase(txn: Transaction, database: string): Promise<void> {
  await waitWithoutLimit(txn);
  await txn.rows("select pg_advisory_xact_lock(oid::bigint) from pg_database where datname = $1", [database]);
}

/** A statement timeout of the admin's own must not end the wait for a lock. */
async function waitWithoutLimit(txn: Transaction): Promise<void> {
  await txn.run("set local statement_timeout = 0");
}
