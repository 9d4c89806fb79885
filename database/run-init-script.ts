import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Client, DatabaseError } from "pg";
import type { ConnectionTarget } from "../domain/connection-string";
import { withConnection } from "./connection";
import { errorMessage } from "./error-message";
import { changeSchemaComment, refuseForeignObjects } from "./foreign-objects";
import { enterSchema, runScript } from "./run-script";
import { withMarker } from "./schema-marker";
import { scriptFailure, withDetails } from "./script-failure";
import { type SqlStatement, sqlStatements } from "./sql-statements";
import { withTransaction } from "./transaction";

/** A tenant's schema, the login of its owner, and what is run there. */
export interface InitScriptRun extends ConnectionTarget {
  readonly tenant: string;
  readonly schema: string;
  /** Path relative to the project folder. */
  readonly file: string;
  /** Hash of the file that the deployment was planned with. */
  readonly sha256: string;
  /** Run although the schema holds objects that another hand made. */
  readonly adopt: boolean;
}

/**
 * Runs a script that makes a tenant's tables, in one transaction as their owner, and leaves the program's marker.
 *
 * @throws Error with the line that failed, and whether anything was changed.
 */
export async function runInitScript(inputs: InitScriptRun): Promise<void> {
  const statements = await sqlStatements(await scriptText(inputs), inputs.file);
  await withConnection(inputs, async (client) => {
    let carriedOut = false;
    const work = async () => {
      await runInTransaction(client, inputs, statements);
      carriedOut = true;
    };
    await withTransaction(client, work).catch((error: unknown) => {
      throw carriedOut ? failure(inputs, error) : error;
    });
  });
}

async function runInTransaction(client: Client, inputs: InitScriptRun, statements: SqlStatement[]): Promise<void> {
  await enterSchema(client, inputs.schema);
  if (!inputs.adopt) await refuseForeignObjects(client, inputs.schema, inputs.tenant);
  await runScript(client, statements, (error, statement) => failure(inputs, error, statement));
  await changeSchemaComment(client, inputs.schema, (comment) => withMarker(comment, inputs.sha256));
}

/** The file as the deployment was planned with, so that what a reviewer saw is what runs. */
async function scriptText({ file, sha256 }: InitScriptRun): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new Error(`${file}: cannot be read: ${errorMessage(error)}`);
  });
  if (createHash("sha256").update(bytes).digest("hex") !== sha256) {
    throw new Error(`${file}: changed while the deployment was running; nothing was run: deploy again`);
  }
  return bytes.toString("utf8");
}

function failure(inputs: InitScriptRun, error: unknown, statement?: SqlStatement): Error {
  // Without an answer from the server the commit may have been carried out; the marker tells the next run.
  const outcome =
    statement || error instanceof DatabaseError
      ? "nothing was changed: the script runs in one transaction"
      : "whether it was carried out is unknown: deploy again, which is safe";
  return scriptFailure(inputs, error, statement, outcome, withDetails(error));
}
