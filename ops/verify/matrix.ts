import Table from "cli-table3";
import { printable } from "../../domain/printable";
import type { Proof } from "./proof";
import { SCHEMA_PUBLIC, SERVER, wallOf } from "./wall";

/** Tenants that a matrix has columns for: more do not fit a terminal, and nobody would read them. */
const MOST_COLUMNS = 10;
const MOST_CHARACTERS = 120;
/** In a line. */
const MOST_NAMES = 5;

/** PUBLIC, as people read it: `public` is the schema. */
const EVERYBODY = "everybody";

/** One who tries, and in how many ways it gets through to whom. */
interface Row {
  /** Slug of a tenant, or the name of a role that is none of this stack's. */
  readonly who: string;
  /** Undefined where nothing was tried. */
  readonly reaches: ReadonlyMap<string, number | undefined>;
}

/** Who tries: this stack's tenants, and any other role that something is open to. */
function rowsOf({ tenants, victims, leaks }: Pick<Proof, "tenants" | "victims" | "leaks">): Row[] {
  const walls = wallsOf({ victims });
  const own = new Set(tenants.map(({ role }) => role));
  const slugs = new Map(victims.map(({ role, slug }) => [role, slug]));
  const others = [...new Set(leaks.map(({ role }) => role))].filter((role) => !own.has(role));
  const strangers = others.filter((role) => role !== "public" || tenants.length === 0);
  const row = (who: string, roles: readonly string[], tried: boolean): Row => {
    const its = leaks.filter(({ role, victim }) => roles.includes(role) && (role !== "public" || victim !== who));
    const count = (wall: string) => its.filter((leak) => wallOf(leak) === wall).length;
    return { who, reaches: new Map(walls.map((wall) => [wall, count(wall) || (tried ? 0 : undefined)])) };
  };
  return [
    ...tenants.map(({ slug, role, memberOf, complete }) => row(slug, [role, ...memberOf, "public"], complete)),
    ...strangers.map((role) => row(slugs.get(role) ?? shownRole(role), [role], false)),
  ];
}

/** A leak's role, as people read it. */
export function shownRole(role: string): string {
  return role === "public" ? EVERYBODY : role;
}

function wallsOf({ victims }: Pick<Proof, "victims">): string[] {
  return [...victims.map(({ slug }) => slug), SCHEMA_PUBLIC, SERVER];
}

/** The matrix, as wide as a terminal; undefined when there are too many tenants for one. */
export function matrixText(proof: Proof): string | undefined {
  if (proof.victims.length > MOST_COLUMNS) return undefined;
  const rows = rowsOf(proof);
  const walls = wallsOf(proof);
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

/** A line for each who gets through, or of whom nothing is proved; what is open to everybody is told in one. */
export function linesText(proof: Proof): string[] {
  const everybody = proof.leaks.filter(({ role }) => role === "public");
  const rows = rowsOf({ ...proof, leaks: proof.leaks.filter(({ role }) => role !== "public") });
  return [...rowsOf({ ...proof, tenants: [], leaks: everybody }).map(line), ...rows.map(line)].filter(
    (text) => text !== "",
  );
}

function line({ who, reaches }: Row): string {
  const through = [...reaches].flatMap(([wall, leaks]) => (leaks ? [`${wall} ${leaks}`] : []));
  const shown = through.slice(0, MOST_NAMES);
  if (through.length > shown.length) shown.push(`and ${through.length - shown.length} more`);
  const untried = who !== EVERYBODY && [...reaches].some(([wall, leaks]) => leaks === undefined && wall !== who);
  const parts = [...(shown.length > 0 ? [`✗ ${shown.join(", ")}`] : []), ...(untried ? ["? the rest"] : [])];
  return parts.length === 0 ? "" : `${who}: ${parts.join("; ")}`;
}
