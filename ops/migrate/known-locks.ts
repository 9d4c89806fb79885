/** Locks of statements that run in no transaction, and so have let go of them when they end: what PostgreSQL's manual says of each. */
import type { Node } from "libpg-query";
import { isConcurrent } from "../../database/migrations/migration-statements";
import type { LockMode } from "./trial";

/** A table, or one of its indexes, by its name; `undefined` is every table of the schema. */
export interface KnownLock {
  readonly name: string | undefined;
  readonly mode: LockMode;
}

/** Statements that may end transactions themselves, or refuse to run in one, so that no transaction of ours can be put around them. */
const ON_THEIR_OWN = ["CallStmt", "DoStmt", "ClusterStmt", "ReindexStmt", "VacuumStmt"];

/** Whether a statement can run in a transaction that shows its locks. */
export function canShowLocks(node: Node): boolean {
  return !isConcurrent(node) && !ON_THEIR_OWN.some((kind) => kind in node);
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
  if ("DropStmt" in node) {
    return (node.DropStmt.objects ?? []).map((object) => ({ name: lastName(object), mode }));
  }
  if ("AlterTableStmt" in node) {
    const partitions = (node.AlterTableStmt.cmds ?? []).flatMap((command) => {
      const definition = "AlterTableCmd" in command ? command.AlterTableCmd.def : undefined;
      return definition !== undefined && "PartitionCmd" in definition ? [definition.PartitionCmd.name?.relname] : [];
    });
    const parent = { name: node.AlterTableStmt.relation?.relname, mode } as const;
    return [parent, ...partitions.map((name) => ({ name, mode: "ACCESS EXCLUSIVE" as const }))];
  }
  return undefined;
}

/** Of a name in parts, as `schema_acme.by_name`. */
function lastName(object: Node): string | undefined {
  const last = "List" in object ? object.List.items?.at(-1) : undefined;
  return last !== undefined && "String" in last ? last.String.sval : "";
}
