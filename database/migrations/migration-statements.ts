import type { Node } from "libpg-query";
import { type SqlStatement, sqlStatements } from "../sql-statements";
import { type MigrationFile, NO_TRANSACTION } from "./migration-files";

/** The files that were read already, by path and hash: a deployment of a hundred tenants asks for the same ones. */
const read = new Map<string, Promise<SqlStatement[]>>();

/**
 * The statements of a migration.
 *
 * @throws Error that names every statement which a migration must not hold, or not in this kind of file, as `file:line: …`.
 */
export function migrationStatements(file: MigrationFile): Promise<SqlStatement[]> {
  const key = `${file.path} ${file.sha256}`;
  const known = read.get(key) ?? sqlStatements(file.text, file.path, (node) => refusal(node, file.transactional));
  read.set(key, known);
  return known;
}

function refusal(node: Node, transactional: boolean): string | undefined {
  if ("VariableSetStmt" in node && node.VariableSetStmt.name === "lock_timeout") {
    return "setting lock_timeout is not allowed: b2b-tenants:migrations lockTimeout decides how long the tenant's backend may have to wait";
  }
  if ("DiscardStmt" in node) return "discard is not allowed: the file is run with settings of its own";
  if (transactional && isOutsideTransactions(node)) {
    return `this statement cannot run in a transaction; allowed: a file of its own whose first line is ${NO_TRANSACTION}`;
  }
  // By its name a failed attempt's index is found and dropped.
  if ("IndexStmt" in node && node.IndexStmt.concurrent && !node.IndexStmt.idxname) {
    return "create index concurrently needs a name for its index here, by which the next attempt knows what a failed one has left";
  }
  return undefined;
}

function isOutsideTransactions(node: Node): boolean {
  return isConcurrent(node) || ("VacuumStmt" in node && node.VacuumStmt.is_vacuumcmd === true);
}

/** Whether a statement waits for others without making anybody wait behind it. */
export function isConcurrent(node: Node): boolean {
  if ("IndexStmt" in node) return node.IndexStmt.concurrent === true;
  if ("DropStmt" in node) return node.DropStmt.concurrent === true;
  if ("ReindexStmt" in node) {
    return (node.ReindexStmt.params ?? []).some(
      (param) => "DefElem" in param && param.DefElem.defname === "concurrently",
    );
  }
  if ("AlterTableStmt" in node) {
    return (node.AlterTableStmt.cmds ?? []).some((command) => {
      const definition = "AlterTableCmd" in command ? command.AlterTableCmd.def : undefined;
      return definition !== undefined && "PartitionCmd" in definition && definition.PartitionCmd.concurrent === true;
    });
  }
  return false;
}
