import { changedSince, commitOf } from "../fleet/revision";
import type { StackAccess } from "../stack/stack-access";
import type { MadeFrom } from "./content";

/** @param server Version of PostgreSQL; undefined where it was not asked for. */
export function madeFrom(
  { stack, settings }: Pick<StackAccess, "stack" | "settings">,
  { takenAt, server }: { readonly takenAt: string; readonly server: string | undefined },
): MadeFrom {
  const { host, port, name: database } = settings.database;
  const hash = commitOf("HEAD");
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
