import { DatabaseError } from "pg";
import { printable } from "../domain/printable";
import { errorMessage } from "./error-message";
import { lineAt, type SqlStatement } from "./sql-statements";

/** A SQL file, and the tenant that it was run for. */
export interface ScriptRun {
  /** For example `sql/tenant_init.sql`. */
  readonly file: string;
  readonly tenant: string;
  readonly schema: string;
}

/**
 * `sql/tenant_init.sql:41: column "x" does not exist (tenant acme, schema schema_acme); nothing was changed: ...`
 *
 * @param statement The one that failed; undefined at the commit.
 * @param outcome What is in place now, and what to do.
 * @param words What the server says. Without its details, which may quote a row of the tenant's.
 */
export function scriptFailure(
  { file, tenant, schema }: ScriptRun,
  error: unknown,
  statement: SqlStatement | undefined,
  outcome: string,
  words: string = errorMessage(error),
): Error {
  const position = error instanceof DatabaseError ? error.position : undefined;
  const where = statement ? `${file}:${failingLine(statement, position)}` : `${file}: at commit`;
  return new Error(`${where}: ${words} (tenant ${tenant}, schema ${schema}); ${outcome}`);
}

/** What a server says with its details, where the rows are the script's own. */
export function withDetails(error: unknown): string {
  if (!(error instanceof DatabaseError)) return errorMessage(error);
  const { message, detail, hint } = error;
  return [message, detail && `detail: ${detail}`, hint && `hint: ${hint}`]
    .filter((part) => part !== undefined && part !== "")
    .map((part) => printable(String(part)))
    .join("; ");
}

function failingLine(statement: SqlStatement, position: string | undefined): number {
  const before = Array.from(statement.text).slice(0, position ? Number(position) - 1 : 0);
  return statement.line + lineAt(before.join("")) - 1;
}
