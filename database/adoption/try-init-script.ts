import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import type { ConnectionTarget } from "../../domain/connection-string";
import { withScratchLogin } from "../backup/scratch/scratch-database";
import { ConnectionRefused, withConnection } from "../connection";
import { errorMessage } from "../error-message";
import { Refusal } from "../existing-tenant";
import { INIT_SCRIPT } from "../init-script";
import { Ledger } from "../migrations/ledger";
import { enterSchema, runScript } from "../run-script";
import { scriptFailure, withDetails } from "../script-failure";
import { type SqlStatement, sqlStatements } from "../sql-statements";
import { withTransaction } from "../transaction";

/**
 * Runs `sql/tenant_init.sql` on the tables of a hand-made tenant, as its role, and takes all of it back. What cannot be adopted is found out
 * by this before the role has another password, with which its server could log in no longer.
 *
 * @param admin A session of the admin, in no transaction.
 * @param login The admin's login to that database.
 * @throws Refusal with the line that fails, and the server's words.
 */
export async function tryInitScript(
  admin: Client,
  login: ConnectionTarget,
  { tenant, schema }: { readonly tenant: string; readonly schema: string },
): Promise<void> {
  const statements = await sqlStatements(readFileSync(join(process.cwd(), INIT_SCRIPT), "utf8"), INIT_SCRIPT);
  const failure = (error: unknown, statement: SqlStatement) =>
    scriptFailure({ file: INIT_SCRIPT, tenant, schema }, error, statement, "it was only tried", withDetails(error));
  const attempt = (client: Client) =>
    withTransaction(
      client,
      async () => {
        await enterSchema(client, schema);
        await runScript(client, statements, failure);
        await new Ledger(client, schema).read();
      },
      { rollBack: true },
    );
  await withScratchLogin(admin, login, tenant, (owner) => withConnection(owner, attempt)).catch((error: unknown) => {
    // Before the program has given it the right to connect, the role may have none.
    if (error instanceof ConnectionRefused) return;
    throw new Refusal(
      `tenant ${tenant} cannot be adopted as it is: its tables do not go with the program's. ${errorMessage(error)}. Nothing of it was ` +
        "changed, and its password is still valid. Change the table, or rename it, and deploy again",
    );
  });
}
