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
 * @param words What the server says. By default without what may be a value of the tenant's.
 */
export function scriptFailure(
  { file, tenant, schema }: ScriptRun,
  error: unknown,
  statement: SqlStatement | undefined,
  outcome: string,
  words: string = withoutValues(error),
): Error {
  const where = statement ? failingPlace(file, statement, error) : `${file}: at commit`;
  return new Error(`${where}: ${words} (tenant ${tenant}, schema ${schema}); ${outcome}`);
}

/** The line that a statement has failed in, as `sql/tenant_init.sql:41`. */
export function failingPlace(file: string, statement: SqlStatement, error: unknown): string {
  const position = error instanceof DatabaseError ? error.position : undefined;
  return `${file}:${failingLine(statement, position)}`;
}

/** What a server says, where the rows are a tenant's. An error in data (class 22) quotes a value of theirs, and no name. */
export function withoutValues(error: unknown): string {
  const words = errorMessage(error);
  return error instanceof DatabaseError && error.code?.startsWith("22") ? words.replace(/".*"/s, '"…"') : words;
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
