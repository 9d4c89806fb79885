import { SERVER } from "./leak";
import { type MatrixRow, rowsOf, wallsOf } from "./matrix";
import type { Verification } from "./verification";

/** Rows and columns that are shown: more do not fit a sheet of paper. */
const MOST = 40;

/** Who gets through which wall, in how many ways; of a large fleet the rows and columns alone that say something. */
export interface IsolationGrid {
  readonly rows: readonly MatrixRow[];
  readonly walls: readonly string[];
  readonly allRows: number;
  readonly allWalls: number;
}

export function isolationGrid(proof: Verification): IsolationGrid {
  const all = wallsOf(proof);
  if (all.length <= MOST) {
    const rows = rowsOf(proof);
    return { rows: rows.slice(0, MOST), walls: all, allRows: rows.length, allWalls: all.length };
  }
  // What is open to everybody has a row of its own, in place of one for each tenant.
  const own = proof.leaks.filter(({ role }) => role !== "public");
  const roles = new Set(own.map(({ role }) => role));
  const telling = proof.tenants.filter(
    ({ role, memberOf, complete }) => !complete || [role, ...memberOf].some((name) => roles.has(name)),
  );
  const everybody = proof.leaks.filter(({ role }) => role === "public");
  const rows = [
    ...(everybody.length > 0 ? rowsOf({ ...proof, tenants: [], leaks: everybody }) : []),
    ...rowsOf({ ...proof, tenants: telling, leaks: own }),
  ];
  const shown = rows.slice(0, MOST);
  const reached = all.filter((wall) => shown.some(({ reaches }) => reaches.get(wall)));
  const walls = reached.length > 0 ? reached : [SERVER];
  return {
    rows: shown,
    walls: walls.slice(0, MOST),
    allRows: proof.tenants.length + rows.length - telling.length,
    allWalls: all.length,
  };
}
