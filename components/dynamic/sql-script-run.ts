/** What `SqlScript` does when a deployment runs. See README.md in this folder: path, names and arguments of the exports are frozen. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import { type Client, DatabaseError } from "pg";
import { withConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import { changeSchemaComment, refuseForeignObjects } from "../../database/foreign-objects";
import { enterSchema, runScript } from "../../database/run-script";
import { initialisedWith, withMarker } from "../../database/schema-marker";
import { scriptFailure, withDetails } from "../../database/script-failure";
import { type SqlStatement, sqlStatements } from "../../database/sql-statements";
import { withTransaction } from "../../database/transaction";
import type { ConnectionTarget } from "../../domain/connection-string";
import { readMark } from "./marked-schema";
import { withPlainErrors } from "./plain-errors";
import { changedKeys, isElsewhere, LOGIN_KEYS, type StoredKeys, storedInputs } from "./stored-inputs";

/** A tenant's schema, and the login of its owner. */
export interface SqlScriptInputs extends ConnectionTarget {
  readonly tenant: string;
  readonly schema: string;
  /** Path relative to the project folder. */
  readonly file: string;
  /** Hash of the file that the deployment was planned with. */
  readonly sha256: string;
  /** Run although the schema holds objects that another hand made. */
  readonly adopt: boolean;
  /** Whether migrations come after it. */
  readonly migrated: boolean;
}

const KEYS: StoredKeys<Omit<SqlScriptInputs, "migrated">> = {
  tenant: true,
  schema: true,
  ...LOGIN_KEYS,
  file: true,
  sha256: true,
  adopt: true,
};

/**
 * In a preview as in a deployment: refuses a file that has changed where migrations come after it, since its statements know nothing
 * of what they have made of the tables.
 */
export const check = withPlainErrors(
  async (olds: Partial<SqlScriptInputs>, news: SqlScriptInputs): Promise<CheckResult> => {
    const changed = olds.sha256 !== undefined && olds.sha256 !== news.sha256;
    if (!changed || !news.migrated) return { inputs: news };
    const reason =
      `${news.file}: was changed, and there are migrations, which come after it. Put it back as it was, and write what is new ` +
      "into a migration of its own";
    return { inputs: news, failures: [{ property: "sha256", reason }] };
  },
);

/** First run of the file in a new schema. */
export const create = withPlainErrors(async (inputs: SqlScriptInputs): Promise<CreateResult> => {
  await run(inputs);
  return { id: `${inputs.database}.${inputs.schema}`, outs: storedInputs(KEYS, inputs) };
});

/** Runs the file again when it changed or the database is another one; a new password is only stored. */
export const update = withPlainErrors(
  async (_id: string, olds: SqlScriptInputs, news: SqlScriptInputs): Promise<UpdateResult> => {
    if (olds.sha256 !== news.sha256 || isElsewhere(olds, news)) await run(news);
    return { outs: storedInputs(KEYS, news) };
  },
);

/** Whether there is anything to run or to store. `adopt` counts for the first run alone, and can come and go in the tenant's file. */
export const diff = withPlainErrors(
  async (_id: string, olds: WithProvider, news: WithProvider): Promise<DiffResult> => {
    const isChanged = changedKeys(KEYS, olds, news).some((key) => key !== "adopt");
    return { changes: isChanged || olds.__provider !== news.__provider };
  },
);

/** The SDK hands over the provider's text too. */
type WithProvider = SqlScriptInputs & { readonly __provider?: unknown };

/** On refresh: a schema without the marker was dropped or emptied by hand, so the script is forgotten and runs again. */
export const read = withPlainErrors(
  async (id: string, props: SqlScriptInputs): Promise<ReadResult> => ({
    id: (await readMark(props, initialisedWith, "unknown")) === undefined ? "" : id,
    props: storedInputs(KEYS, props),
  }),
);

async function run(inputs: SqlScriptInputs): Promise<void> {
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

async function runInTransaction(client: Client, inputs: SqlScriptInputs, statements: SqlStatement[]): Promise<void> {
  await enterSchema(client, inputs.schema);
  if (!inputs.adopt) await refuseForeignObjects(client, inputs.schema, inputs.tenant);
  await runScript(client, statements, (error, statement) => failure(inputs, error, statement));
  await changeSchemaComment(client, inputs.schema, (comment) => withMarker(comment, inputs.sha256));
}

/** The file as the deployment was planned with, so that what a reviewer saw is what runs. */
async function scriptText({ file, sha256 }: SqlScriptInputs): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new Error(`${file}: cannot be read: ${errorMessage(error)}`);
  });
  if (createHash("sha256").update(bytes).digest("hex") !== sha256) {
    throw new Error(`${file}: changed while the deployment was running; nothing was run: deploy again`);
  }
  return bytes.toString("utf8");
}

function failure(inputs: SqlScriptInputs, error: unknown, statement?: SqlStatement): Error {
  // Without an answer from the server the commit may have been carried out; the marker tells the next run.
  const outcome =
    statement || error instanceof DatabaseError
      ? "nothing was changed: the script runs in one transaction"
      : "whether it was carried out is unknown: deploy again, which is safe";
  return scriptFailure(inputs, error, statement, outcome, withDetails(error));
}
