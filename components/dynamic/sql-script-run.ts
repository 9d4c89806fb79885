/**
 * What `SqlScript` does when a deployment runs. The provider code stored in every stack's state loads this file by its path, so
 * neither path nor the names and arguments of its exports may change.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { CreateResult, DiffResult, ReadResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import { type Client, DatabaseError, escapeIdentifier, escapeLiteral } from "pg";
import { ConnectionRefused, withConnection } from "../../database/connection";
import { refuseForeignObjects, schemaComment } from "../../database/foreign-objects";
import { initialisedWith, withMarker } from "../../database/schema-marker";
import { lineAt, type SqlStatement, sqlStatements } from "../../database/sql-statements";
import { isElsewhere } from "../../database/tenant-place";
import { withTransaction } from "../../database/transaction";
import type { ConnectionTarget } from "../../domain/connection-string";
import { printable } from "../../domain/printable";
import { plainly } from "./plain-error";

/** Where a tenant's schema is, and how to log in as its owner. */
export interface TenantSchema extends ConnectionTarget {
  readonly tenant: string;
  readonly schema: string;
}

export interface SqlScriptInputs extends TenantSchema {
  /** Path relative to the project folder. */
  readonly file: string;
  /** Hash of the file that the deployment was planned with. */
  readonly sha256: string;
  /** Run although the schema holds objects that another hand made. */
  readonly adopt: boolean;
}

/** First run of the file in a new schema. */
export function create(inputs: SqlScriptInputs): Promise<CreateResult> {
  return plainly(async () => {
    await run(inputs);
    return { id: `${inputs.database}.${inputs.schema}`, outs: state(inputs) };
  });
}

/** Runs the file again when it changed or the database is another one; a new password is only taken note of. */
export function update(_id: string, olds: SqlScriptInputs, news: SqlScriptInputs): Promise<UpdateResult> {
  return plainly(async () => {
    if (olds.sha256 !== news.sha256 || isElsewhere(olds, news)) await run(news);
    return { outs: state(news) };
  });
}

/**
 * Whether there is anything to run or to take note of. That a tenant was adopted counts for the first run alone: in the file, the
 * word can come and go.
 */
export async function diff(_id: string, olds: SqlScriptInputs, news: SqlScriptInputs): Promise<DiffResult> {
  const { adopt: _before, ...before } = olds;
  const { adopt: _after, ...after } = news;
  return { changes: !isDeepStrictEqual(before, after) };
}

/** On refresh: a schema without the marker was dropped or emptied by hand, so the script is forgotten and runs again. */
export function read(id: string, props: SqlScriptInputs): Promise<ReadResult> {
  return plainly(async () => ({ id: (await isInitialised(props)) ? id : "", props: state(props) }));
}

/** The server answers a login that does not exist as it answers a wrong password. */
const ROLE_OR_DATABASE_GONE = new Set(["28P01", "3D000"]);

/** Whatever else the server refuses a login for, as used-up connections or a setting of the tenant's, the tenant is there. */
async function isInitialised(inputs: SqlScriptInputs): Promise<boolean> {
  try {
    const comment = await withConnection(inputs, (client) => schemaComment(client, inputs.schema));
    return initialisedWith(comment ?? null) !== undefined;
  } catch (error) {
    if (!(error instanceof ConnectionRefused) || error.sqlState === undefined) throw error;
    return !ROLE_OR_DATABASE_GONE.has(error.sqlState);
  }
}

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
  // The role's own limits are made for the backend's queries; a table may take longer to build, and a lock must not.
  await client.query("set local statement_timeout = '10min'");
  // Unqualified names land in the tenant's schema, whatever the tenant has made of its role's search_path.
  await client.query(`set local search_path to ${escapeIdentifier(inputs.schema)}`);
  if (!inputs.adopt) await refuseForeignObjects(client, inputs.schema, inputs.tenant);
  for (const statement of statements) {
    await client.query(statement.text).catch((error: unknown) => {
      throw failure(inputs, error, statement);
    });
  }
  const comment = withMarker((await schemaComment(client, inputs.schema)) ?? null, inputs.sha256);
  await client.query(`comment on schema ${escapeIdentifier(inputs.schema)} is ${escapeLiteral(comment)}`);
}

/** The file as the deployment was planned with, so that what a reviewer saw is what runs. */
async function scriptText({ file, sha256 }: SqlScriptInputs): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new Error(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (createHash("sha256").update(bytes).digest("hex") !== sha256) {
    throw new Error(`${file}: changed while the deployment was running; nothing was run: deploy again`);
  }
  return bytes.toString("utf8");
}

/** `sql/tenant_init.sql:41: column "x" does not exist (tenant acme, schema schema_acme); nothing was changed: ...` */
function failure({ file, tenant, schema }: SqlScriptInputs, error: unknown, statement?: SqlStatement): Error {
  const { message, detail, hint, position } = error as Partial<DatabaseError>;
  const parts = [message, detail && `detail: ${detail}`, hint && `hint: ${hint}`]
    .filter((part) => part !== undefined && part !== "")
    .map((part) => printable(String(part)))
    .join("; ");
  const where = statement ? `${file}:${failingLine(statement, position)}` : `${file}: at commit`;
  // Without an answer from the server the commit may have been carried out; the marker tells the next run.
  const outcome =
    statement || error instanceof DatabaseError
      ? "nothing was changed: the script runs in one transaction"
      : "whether it was carried out is unknown: deploy again, which is safe";
  return new Error(`${where}: ${parts} (tenant ${tenant}, schema ${schema}); ${outcome}`);
}

function failingLine(statement: SqlStatement, position: string | undefined): number {
  const before = Array.from(statement.text).slice(0, position ? Number(position) - 1 : 0);
  return statement.line + lineAt(before.join("")) - 1;
}

/** Named one by one: the SDK's own `__provider` comes along in the inputs, and must not be stored twice. */
function state(inputs: SqlScriptInputs): SqlScriptInputs {
  const { file, sha256, adopt } = inputs;
  return { ...tenantSchema(inputs), file, sha256, adopt };
}

function tenantSchema(inputs: TenantSchema): TenantSchema {
  const { tenant, schema, host, port, database, sslmode, user, password } = inputs;
  return { tenant, schema, host, port, database, sslmode, user, password };
}
