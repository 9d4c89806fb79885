import type { LockMode } from "./trial";

/** The modes of a table's lock from weak to strong, by the names that pg_locks has for them. */
const MODES: Readonly<Record<string, LockMode>> = {
  AccessShareLock: "ACCESS SHARE",
  RowShareLock: "ROW SHARE",
  RowExclusiveLock: "ROW EXCLUSIVE",
  ShareUpdateExclusiveLock: "SHARE UPDATE EXCLUSIVE",
  ShareLock: "SHARE",
  ShareRowExclusiveLock: "SHARE ROW EXCLUSIVE",
  ExclusiveLock: "EXCLUSIVE",
  AccessExclusiveLock: "ACCESS EXCLUSIVE",
};

const STRENGTH = Object.values(MODES);

/** The strongest of some modes, as pg_locks names them; undefined of none. */
export function strongest(modes: readonly string[]): LockMode | undefined {
  return STRENGTH.filter((mode) => modes.some((name) => MODES[name] === mode)).at(-1);
}

export function isStronger(mode: LockMode, than: LockMode | undefined): boolean {
  return than === undefined || STRENGTH.indexOf(mode) > STRENGTH.indexOf(than);
}

/** What others cannot do with a table meanwhile, by the server's table of conflicts. */
export function blocks(mode: LockMode): "reads and writes" | "writes" | undefined {
  if (mode === "ACCESS EXCLUSIVE") return "reads and writes";
  return isStronger(mode, "SHARE UPDATE EXCLUSIVE") ? "writes" : undefined;
}
