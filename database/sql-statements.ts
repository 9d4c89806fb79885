/** Splits a script such as `sql/tenant_init.sql` into statements, and refuses those that it must not have. */
import { hasSqlDetails, type Node, parse } from "libpg-query";

/** One statement of a SQL file. */
export interface SqlStatement {
  readonly text: string;
  /** Line of the file that the statement begins in, from 1. */
  readonly line: number;
  /** As PostgreSQL's parser reads it. */
  readonly node: Node;
}

/**
 * Takes a SQL file apart with PostgreSQL's own parser, so that a failing statement can be named by its line. Statements
 * that would leave the transaction, the role or the schema which the script is run in are refused.
 *
 * @param alsoRefused Why a statement must not be in this file, beyond what no file may hold.
 * @throws Error that names every error as `file:line: what is wrong`.
 */
export async function sqlStatements(
  sql: string,
  file: string,
  alsoRefused: (statement: Node) => string | undefined = () => undefined,
): Promise<SqlStatement[]> {
  const bytes = Buffer.from(sql, "utf8");
  const errors: string[] = [];
  const statements: SqlStatement[] = [];
  for (const { stmt, stmt_location: start = 0, stmt_len: length } of await parsed(sql, file)) {
    // The parser counts in bytes, and gives no length to a last statement without a semicolon.
    const line = lineAt(bytes.subarray(0, start).toString("utf8"));
    const text = bytes.subarray(start, length === undefined ? undefined : start + length).toString("utf8");
    if (stmt === undefined) continue;
    statements.push({ text, line, node: stmt });
    const reason = refusal(stmt) ?? alsoRefused(stmt);
    if (reason) errors.push(`${file}:${line}: ${reason}`);
  }
  if (statements.length === 0 && errors.length === 0) errors.push(`${file}:1: holds no statement`);
  if (errors.length > 0) throw new Error(errors.join("\n"));
  return statements;
}

/** The line that a text ends in, from 1. */
export function lineAt(textBefore: string): number {
  return textBefore.split("\n").length;
}

async function parsed(sql: string, file: string) {
  if (sql.trim() === "") return [];
  try {
    return (await parse(sql)).stmts ?? [];
  } catch (error) {
    if (!hasSqlDetails(error)) throw error;
    // Characters, not UTF-16 units: what PostgreSQL counts in.
    const before = Array.from(sql).slice(0, error.sqlDetails?.cursorPosition ?? 0);
    const hint = error.message.includes('"\\"') ? " (psql's backslash commands are not SQL)" : "";
    throw new Error(`${file}:${lineAt(before.join(""))}: ${error.message}${hint}`);
  }
}

/** Settings that decide whose objects a statement makes, and where. */
const FIXED_SETTINGS = new Set(["role", "session_authorization", "search_path"]);

/** The setting that a statement sets or resets; PostgreSQL knows it in capitals too, which quotes keep. */
export function settingSet(statement: Node): string | undefined {
  return "VariableSetStmt" in statement ? statement.VariableSetStmt.name?.toLowerCase() : undefined;
}

function refusal(statement: Node): string | undefined {
  if ("TransactionStmt" in statement) {
    return "begin, commit, rollback and savepoints are not allowed: transactions are begun and ended around the file's statements";
  }
  if ("CopyStmt" in statement) {
    return "copy is not allowed: there is no client stream, file or program to copy from or to; use insert";
  }
  if ("VariableSetStmt" in statement) {
    const { kind } = statement.VariableSetStmt;
    const name = settingSet(statement);
    if (kind === "VAR_RESET_ALL") return "reset all is not allowed: the file is run with settings of its own";
    if (name && FIXED_SETTINGS.has(name)) {
      return `setting ${name} is not allowed: the file is run as the tenant's role, in the tenant's schema`;
    }
  }
  return undefined;
}
