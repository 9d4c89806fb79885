import { errorMessage } from "../../database/error-message";
import { type MigrationFile, migrationFiles } from "../../database/migrations/migration-files";
import { migrationStatements } from "../../database/migrations/migration-statements";
import type { SqlStatement } from "../../database/sql-statements";
import { counted } from "../../domain/counted";
import { FileErrors } from "../../domain/file-errors";
import { printable } from "../../domain/printable";
import { acceptedIn } from "./accepted-findings";
import { askedRule } from "./lint-rules";
import { type SquawkFinding, squawkFindings } from "./squawk";

/** What the linter came to. */
export interface LintResult {
  /** Each as `file:line: what is wrong`, in the order of files and lines; empty where all is well. */
  readonly findings: readonly string[];
  /** In one line. */
  readonly summary: string;
}

/**
 * Looks at the migrations of a project for what would hurt a tenant at work, and for what a migration must not hold.
 *
 * @param folders Of migrations, relative to the project folder or absolute.
 * @param root The project folder.
 * @throws FileErrors when the files' names or numbers are not right; Error when the linter cannot be run.
 */
export async function lintMigrations(folders: readonly string[], root: string): Promise<LintResult> {
  const files = filesOf(folders, root);
  const findings: string[] = [];
  const readable = new Map<MigrationFile, SqlStatement[]>();
  for (const file of files) {
    await migrationStatements(file).then(
      (statements) => readable.set(file, statements),
      (error: unknown) => findings.push(...errorMessage(error).split("\n")),
    );
  }
  const paths = (transactional: boolean) =>
    [...readable.keys()].filter((file) => file.transactional === transactional).map(({ path }) => path);
  const found = [...squawkFindings(root, paths(true), true), ...squawkFindings(root, paths(false), false)];
  let accepted = 0;
  for (const [file, statements] of readable) {
    const own = found.filter(({ file: path }) => path === file.path);
    const judged = judge(file, statements, own);
    accepted += judged.accepted;
    findings.push(...judged.findings);
  }
  const told = accepted === 0 ? "" : `, ${counted(accepted, "finding")} accepted`;
  const summary = `${counted(files.length, "migration")}: ${counted(findings.length, "finding")}${told}`;
  return { findings, summary };
}

/** All errors of all folders at once. */
function filesOf(folders: readonly string[], root: string): MigrationFile[] {
  const errors: string[] = [];
  const files = folders.flatMap((folder) => {
    try {
      return migrationFiles(folder, root);
    } catch (error) {
      if (!(error instanceof FileErrors)) throw error;
      errors.push(...error.errors);
      return [];
    }
  });
  if (errors.length > 0) throw new FileErrors(errors);
  return files;
}

function judge(file: MigrationFile, statements: readonly SqlStatement[], found: readonly SquawkFinding[]) {
  const { accepted, errors } = acceptedIn(file.text, statements);
  const statementAt = (line: number) => statements.filter((one) => one.line <= line).at(-1)?.line;
  const isAccepted = ({ rule, line }: SquawkFinding) =>
    accepted.some((one) => one.rule === rule && one.statement === statementAt(line));
  const lines: [number, string][] = [
    ...errors,
    ...found.filter((one) => !isAccepted(one)).map((one): [number, string] => [one.line, findingText(one)]),
    ...accepted
      .filter(({ rule, statement }) => !found.some((one) => one.rule === rule && statementAt(one.line) === statement))
      .map(({ line, rule }): [number, string] => [line, `accepts ${rule}, which is not found: take this line out`]),
  ];
  lines.sort(([a], [b]) => a - b);
  const findings = lines.map(([line, text]) => `${file.path}:${line}: ${text}`);
  return { findings, accepted: found.filter(isAccepted).length };
}

function findingText({ rule, message }: SquawkFinding): string {
  const asked = askedRule(rule);
  if (asked === undefined) return `${rule}: ${printable(message)}`;
  return `${rule}: ${asked.means}. Instead: ${asked.instead}`;
}
