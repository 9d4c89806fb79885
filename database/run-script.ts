import { type Client, escapeIdentifier } from "pg";
import type { SqlStatement } from "./sql-statements";

/** Makes a transaction ready for such a script. @param client As the schema's owner, in a transaction. */
export async function enterSchema(client: Client, schema: string): Promise<void> {
  // The role's own limits are made for the backend's queries; a table may take longer to build, and a lock must not.
  await client.query("set local statement_timeout = '10min'");
  // Unqualified names land in the tenant's schema, whatever the tenant has made of its role's search_path.
  await client.query(`set local search_path to ${escapeIdentifier(schema)}`);
}

/**
 * Runs the statements of a script such as `sql/tenant_init.sql` in the schema that the transaction has entered.
 *
 * @param failure Makes an error of the server's into what is thrown.
 */
export async function runScript(
  client: Client,
  statements: readonly SqlStatement[],
  failure: (error: unknown, statement: SqlStatement) => Error,
): Promise<void> {
  for (const statement of statements) {
    await client.query(statement.text).catch((error: unknown) => {
      throw failure(error, statement);
    });
  }
}
