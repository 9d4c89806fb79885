import { pasteableStatement } from "../../database/sql-text";
import { counted } from "../../domain/counted";
import { jsonText } from "../../domain/json-text";
import { printable } from "../../domain/printable";
import type { Check, Note, Remedy } from "./leak";
import { linesText, matrixText, roleText } from "./matrix";
import type { ProvenLeak } from "./merge";
import type { Verification } from "./verification";

const LEGEND = "·  refused   ✗  gets through, in so many ways   ?  not tried   –  itself";

/** Whether nothing leaks, and everything was tried. */
export function holds({ leaks }: Verification): boolean {
  return leaks.length === 0;
}

/** The result for people: who gets through, each leak, each note, and a line that sums it up. */
export function verificationText(verification: Verification): string {
  const { leaks, notes, tenants } = verification;
  const { shown, left } = chosenLeaks(leaks);
  const matrix = tenants.length === 0 ? undefined : matrixText(verification);
  const blocks = [
    matrix === undefined ? linesText(verification).map(printable) : [matrix, LEGEND],
    ...shown.map(leakLines),
    left > 0 ? [`… and ${number(left)} more: --json has them all.`] : [],
    notes.flatMap(noteLines),
    [summary(verification)],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** People read no more; the rest mostly have the same cause. `--json` has them all. */
const MOST_LEAKS = 100;

/** Leaks that differ only in their objects. */
const MOST_ALIKE = 5;

/** What lets a role reach more than the object of the leak. */
const FIRST: ReadonlySet<Check> = new Set(["membership", "role attribute", "database"]);

interface ChosenLeak {
  readonly leak: ProvenLeak;
  /** Those like it that are not shown after it, for their remedies. */
  readonly more: readonly ProvenLeak[];
}

/**
 * The leaks that people are shown: those first that let a role reach the most, and few of a kind, so that a hundred small holes hide no
 * big one. When that is still too much, tenants with few leaks come first.
 */
export function chosenLeaks(
  leaks: readonly ProvenLeak[],
  { most, alike: mostAlike } = { most: MOST_LEAKS, alike: MOST_ALIKE },
): { shown: ChosenLeak[]; left: number } {
  const alike = new Map<string, ProvenLeak[]>();
  for (const leak of leaks) {
    const key = JSON.stringify([leak.role, leak.victim, leak.check]);
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [leak]);
    else group.push(leak);
  }
  const groups = [...alike.values()];
  if (leaks.length > most) groups.sort((a, b) => ofVictim(groups, a) - ofVictim(groups, b));
  groups.sort((a, b) => rank(a) - rank(b));
  const chosen = groups.flatMap((group) => {
    const some = group.slice(0, mostAlike);
    return some.map((leak, index) => ({ leak, more: index === some.length - 1 ? group.slice(some.length) : [] }));
  });
  const shown = chosen.slice(0, most);
  const covered = shown.reduce((sum, { more }) => sum + 1 + more.length, 0);
  return { shown, left: leaks.length - covered };
}

function rank([leak]: readonly ProvenLeak[]): number {
  return leak !== undefined && FIRST.has(leak.check) ? 0 : 1;
}

function ofVictim(groups: readonly (readonly ProvenLeak[])[], [leak]: readonly ProvenLeak[]): number {
  return groups.filter(([other]) => other?.victim === leak?.victim).length;
}

/** Statements end in a semicolon, to be pasted. */
function leakLines({ leak, more }: ChosenLeak): string[] {
  const { check, role, victim, object, statement, closes, hint } = leak;
  const whom = victim === undefined ? "" : ` → ${victim}`;
  return [
    `✗ ${printable(roleText(role))}${whom}, ${check}: ${printable(object)}`,
    `    ${pasteableStatement(statement)};`,
    ...closes.map(remedyLine),
    ...(hint === undefined ? [] : [`  ${printable(`${hint}`)}`]),
    ...(more.length === 0
      ? []
      : [`  … and ${number(more.length)} more like it: --json has them all.`, ...remediesOf(more, closes)]),
  ];
}

function remedyLine({ as, statement }: Remedy): string {
  return `  closed by ${printable(as)}: ${pasteableStatement(statement)};`;
}

/** What closes leaks that are not shown themselves, so that what is pasted closes them too; each once, and no more than people would read. */
function remediesOf(leaks: readonly ProvenLeak[], shown: readonly Remedy[]): string[] {
  const before = new Set(shown.map(remedyLine));
  const lines: string[] = [];
  for (const { closes } of leaks) {
    if (lines.length + closes.length > MOST_LEAKS) break;
    lines.push(...closes.map(remedyLine).filter((line) => closes.length > 1 || !before.has(line)));
    if (closes.length === 1) for (const remedy of closes) before.add(remedyLine(remedy));
  }
  return lines;
}

function noteLines({ sentence, statement, as }: Note): string[] {
  const who = as === undefined ? "" : `as ${printable(as)}: `;
  return [
    `! ${printable(`${sentence}`)}`,
    ...(statement === undefined ? [] : [`    ${who}${pasteableStatement(statement)};`]),
  ];
}

/** One line that sums it up. */
export function summary(verification: Verification): string {
  const { leaks, tenants, victims, stack } = verification;
  const { tried, pairs, statements, refused } = counts(verification);
  const open = counted(leaks.length, "leak");
  if (tenants.length === 0) {
    const inDatabase = `${counted(victims.length, "tenant")} in the database`;
    return `The stack ${stack} declares no tenant, so nobody tried; the catalogs show ${leaks.length === 0 ? "no leak" : open} (${inDatabase}).`;
  }
  const outcome = statements === refused ? "all refused" : `${number(refused)} refused`;
  const [all, between, what] = [
    counted(tenants.length, "tenant"),
    counted(pairs, "pair"),
    counted(statements, "statement"),
  ];
  if (leaks.length === 0) return `✓ ${all}, ${between}, ${what} tried, ${outcome}; the catalogs show no leak.`;
  const who = tried === tenants.length ? all : `${number(tried)} of ${all}`;
  if (tried === 0) return `✗ ${who} tried. ${open}.`;
  return `✗ ${who} tried, ${between}: ${what}, ${outcome}; what is open was not tried. ${open}.`;
}

/** What was tried, and on how many. */
export function counts({ tenants, victims }: Verification) {
  const sum = (of: (tenant: Verification["tenants"][number]) => number) =>
    tenants.reduce((all, one) => all + of(one), 0);
  const tried = tenants.filter(({ complete }) => complete);
  return {
    tried: tried.length,
    pairs: tried.reduce((all, { slug }) => all + victims.filter((other) => other.slug !== slug).length, 0),
    statements: sum(({ attempts }) => attempts),
    refused: sum(({ refused }) => refused),
  };
}

function number(value: number): string {
  return value.toLocaleString("en");
}

/** The result for programs. */
export function verificationJson(verification: Verification): string {
  const { stack, database, tenants, victims, leaks, notes } = verification;
  return jsonText(
    {
      stack,
      database,
      holds: holds(verification),
      ...counts(verification),
      tenants: tenants.map(({ slug, role, schema, problem, attempts, refused, complete }) => ({
        tenant: slug,
        role,
        schema,
        login: problem === undefined,
        problem: problem ?? null,
        statements: attempts,
        refused,
        complete,
      })),
      triedOn: victims.map(({ slug }) => slug),
      leaks: leaks.map(({ victim, schema, hint, ...leak }) => ({
        ...leak,
        victim: victim ?? null,
        schema: schema ?? null,
        hint: hint ?? null,
      })),
      notes: notes.map(({ sentence, statement, as }) => ({ sentence, statement: statement ?? null, as: as ?? null })),
    },
    2,
  );
}
