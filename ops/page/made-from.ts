import { changedSince, commitOf } from "../fleet/revision";
import type { StackAccess } from "../stack/stack-access";
import type { MadeFrom } from "./content";

/** undefined where the program was not cloned, or there is no git: the page then says what else it was made from. */
function headCommit(): string | undefined {
  try {
    return commitOf("HEAD");
  } catch {
    return undefined;
  }
}

/** @param server Version of PostgreSQL; undefined where it was not asked for. */
export function madeFrom(
  { stack, settings }: Pick<StackAccess, "stack" | "settings">,
  { takenAt, server }: { readonly takenAt: string; readonly server: string | undefined },
): MadeFrom {
  const { host, port, name: database } = settings.database;
  const hash = headCommit();
  const { name, version } = require("../../package.json") as { name: string; version: string };
  return {
    stack,
    commit: hash === undefined ? undefined : { hash, changed: changedSince(hash).length > 0 },
    takenAt,
    database,
    host,
    port,
    versions: { [name]: version, ...(server === undefined ? {} : { PostgreSQL: server }), Node: process.versions.node },
  };
}
