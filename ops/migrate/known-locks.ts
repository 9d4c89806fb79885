/** Locks of statements that run in no transaction, and so have let go of them when they end: what PostgreSQL's manual says of each. */
import type { Node } from "libpg-query";
import { concurrentDetach, droppedNames, isConcurrent } from "../../database/migrations/migration-statements";
import type { LockMode } from "./trial";

/** A table, or one of its indexes, by its name; `undefined` is every table of the schema. */
export interface KnownLock {
  readonly name: string | undefined;
  readonly mode: LockMode;
}

/** @returns undefined of a statement that nothing is known of. */
export function knownLocks(node: Node): KnownLock[] | undefined {
  if ("VacuumStmt" in node) {
    const { options = [], rels, is_vacuumcmd } = node.VacuumStmt;
    const full = is_vacuumcmd === true && options.some((one) => "DefElem" in one && one.DefElem.defname === "full");
    const mode = full ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE";
    if (rels === undefined) return [{ name: undefined, mode }];
    return rels.map((one) => ({ name: "VacuumRelation" in one ? one.VacuumRelation.relation?.relname : "", mode }));
  }
  if (!isConcurrent(node)) return undefined;
  const mode = "SHARE UPDATE EXCLUSIVE";
  if ("IndexStmt" in node) return [{ name: node.IndexStmt.relation?.relname, mode }];
  if ("ReindexStmt" in node) return [{ name: node.ReindexStmt.relation?.relname, mode }];
  if ("DropStmt" in node) return droppedNames(node.DropStmt).map((name) => ({ name, mode }));
  if ("AlterTableStmt" in node) {
    const parent = { name: node.AlterTableStmt.relation?.relname, mode } as const;
    return [parent, { name: concurrentDetach(node)?.name?.relname, mode: "ACCESS EXCLUSIVE" }];
  }
  return undefined;
}
