import type { DropStmt, Node, PartitionCmd } from "libpg-query";
import { type SqlStatement, settingSet, sqlStatements } from "../sql-statements";
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
  if (settingSet(node) === "lock_timeout") {
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

/** Statements that may end transactions themselves, or refuse to run in one. */
const ON_THEIR_OWN = ["CallStmt", "DoStmt", "ClusterStmt", "ReindexStmt", "VacuumStmt"];

/** Whether no transaction of ours can be put around a statement of a file without transaction. */
export function standsAlone(node: Node): boolean {
  return isConcurrent(node) || ON_THEIR_OWN.some((kind) => kind in node);
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
  return concurrentDetach(node) !== undefined;
}

/** What `alter table … detach partition … concurrently` detaches; it is the only thing that such a statement does. */
export function concurrentDetach(node: Node): PartitionCmd | undefined {
  if (!("AlterTableStmt" in node)) return undefined;
  const [command] = node.AlterTableStmt.cmds ?? [];
  const definition = command !== undefined && "AlterTableCmd" in command ? command.AlterTableCmd.def : undefined;
  if (definition === undefined || !("PartitionCmd" in definition)) return undefined;
  return definition.PartitionCmd.concurrent === true ? definition.PartitionCmd : undefined;
}

/** The names that a `drop` gives, without their schemas. */
export function droppedNames({ objects = [] }: DropStmt): string[] {
  return objects.map((object) => {
    const last = "List" in object ? object.List.items?.at(-1) : undefined;
    return last !== undefined && "String" in last ? (last.String.sval ?? "") : "";
  });
}
