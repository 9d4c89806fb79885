/** Who gets at whom: as a matrix, or as lines where there are too many tenants for one. */
import Table from "cli-table3";
import { printable } from "../../domain/printable";
import { SCHEMA_PUBLIC, SERVER, wallOf } from "./leak";
import type { Verification } from "./verification";

/** Tenants that a matrix has columns for: more do not fit a terminal, and nobody would read them. */
const MOST_COLUMNS = 10;
const MOST_CHARACTERS = 120;
/** Walls that are named in a line. */
const MOST_NAMES = 5;

/** What PUBLIC is called: people take `public` for the schema. */
export const EVERYBODY = "everybody";

/** A role that tries, and in how many ways it gets through each wall. */
export interface MatrixRow {
  /** Slug of a tenant, or the name of a role that is none of this stack's. */
  readonly who: string;
  /** Undefined where nothing was tried. */
  readonly reaches: ReadonlyMap<string, number | undefined>;
}

/** A row for each tenant of this stack, and for any other role that something is open to. */
export function rowsOf({ tenants, victims, leaks }: Pick<Verification, "tenants" | "victims" | "leaks">): MatrixRow[] {
  const walls = wallsOf({ victims });
  const own = new Set(tenants.map(({ role }) => role));
  const slugs = new Map(victims.map(({ role, slug }) => [role, slug]));
  const others = [...new Set(leaks.map(({ role }) => role))].filter((role) => !own.has(role));
  const strangers = others.filter((role) => role !== "public" || tenants.length === 0);
  const row = (who: string, roles: readonly string[], tried: boolean): MatrixRow => {
    const its = leaks.filter(({ role, victim }) => roles.includes(role) && (role !== "public" || victim !== who));
    const count = (wall: string) => its.filter((leak) => wallOf(leak) === wall).length;
    return { who, reaches: new Map(walls.map((wall) => [wall, count(wall) || (tried ? 0 : undefined)])) };
  };
  return [
    ...tenants.map(({ slug, role, memberOf, complete }) => row(slug, [role, ...memberOf, "public"], complete)),
    ...strangers.map((role) => row(slugs.get(role) ?? roleText(role), [role], false)),
  ];
}

/** What a leak's role is called. */
export function roleText(role: string): string {
  return role === "public" ? EVERYBODY : role;
}

/** The columns: every tenant, and the two walls that are nobody's. */
export function wallsOf({ victims }: Pick<Verification, "victims">): string[] {
  return [...victims.map(({ slug }) => slug), SCHEMA_PUBLIC, SERVER];
}

/** The matrix, no wider than a terminal; undefined when there are too many tenants for one. */
export function matrixText(verification: Verification): string | undefined {
  if (verification.victims.length > MOST_COLUMNS) return undefined;
  const rows = rowsOf(verification);
  const walls = wallsOf(verification);
  const table = new Table({
    head: ["", ...walls],
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const { who, reaches } of rows) {
    table.push([
      printable(who),
      ...walls.map((wall) => ({ content: cell(who, wall, reaches.get(wall)), hAlign: "center" as const })),
    ]);
  }
  const text = table.toString();
  const width = Math.max(...text.split("\n").map((line) => line.length));
  return width <= MOST_CHARACTERS ? text : undefined;
}

function cell(who: string, wall: string, leaks: number | undefined): string {
  if (leaks) return `✗ ${leaks}`;
  if (who === wall) return "–";
  return leaks === undefined ? "?" : "·";
}

/** A line for each role that gets through or was not tried; what is open to everybody has a line of its own. */
export function linesText(verification: Verification): string[] {
  const everybody = verification.leaks.filter(({ role }) => role === "public");
  const rows = rowsOf({ ...verification, leaks: verification.leaks.filter(({ role }) => role !== "public") });
  return [...rowsOf({ ...verification, tenants: [], leaks: everybody }), ...rows]
    .map(line)
    .filter((text) => text !== "");
}

function line({ who, reaches }: MatrixRow): string {
  const through = [...reaches].flatMap(([wall, leaks]) => (leaks ? [`${wall} ${leaks}`] : []));
  const named = through.slice(0, MOST_NAMES);
  if (through.length > named.length) named.push(`and ${through.length - named.length} more`);
  const untried = who !== EVERYBODY && [...reaches].some(([wall, leaks]) => leaks === undefined && wall !== who);
  const parts = [...(named.length > 0 ? [`✗ ${named.join(", ")}`] : []), ...(untried ? ["? the rest"] : [])];
  return parts.length === 0 ? "" : `${who}: ${parts.join("; ")}`;
}
