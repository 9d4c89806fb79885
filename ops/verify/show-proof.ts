import { counted } from "../../domain/counted";
import { jsonText } from "../../domain/json-text";
import { printable } from "../../domain/printable";
import { type ChosenLeak, chosenLeaks } from "./chosen-leaks";
import type { Note } from "./leak";
import { linesText, matrixText, shownRole } from "./matrix";
import type { Proof } from "./proof";
import { runnable } from "./runnable";

const LEGEND = "·  refused   ✗  gets through, in so many ways   ?  not tried   –  itself";

/** Whether nothing leaks, and everything was tried. */
export function holds({ leaks }: Proof): boolean {
  return leaks.length === 0;
}

/** The proof for people: who gets through, each leak, what else is to be known, and a line that sums it up. */
export function proofText(proof: Proof): string {
  const { leaks, notes, tenants } = proof;
  const { shown, left } = chosenLeaks(leaks);
  const matrix = tenants.length === 0 ? undefined : matrixText(proof);
  const blocks = [
    matrix === undefined ? linesText(proof).map(printable) : [matrix, LEGEND],
    ...shown.map(leakLines),
    left > 0 ? [`… and ${number(left)} more: --json has them all.`] : [],
    notes.flatMap(noteLines),
    [summary(proof)],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** Statements end as they have to where they are pasted. */
function leakLines({ leak, more }: ChosenLeak): string[] {
  const { check, role, victim, object, statement, closes, hint } = leak;
  const whom = victim === undefined ? "" : ` → ${victim}`;
  return [
    `✗ ${printable(shownRole(role))}${whom}, ${check}: ${printable(object)}`,
    `    ${runnable(statement)};`,
    ...closes.map((remedy) => `  closed by ${printable(remedy.as)}: ${runnable(remedy.statement)};`),
    ...(hint === undefined ? [] : [`  ${printable(hint)}`]),
    ...(more === 0 ? [] : [`  … and ${number(more)} more like it: --json has them all.`]),
  ];
}

function noteLines({ sentence, statement, as }: Note): string[] {
  const who = as === undefined ? "" : `as ${printable(as)}: `;
  return [`! ${printable(sentence)}`, ...(statement === undefined ? [] : [`    ${who}${runnable(statement)};`])];
}

function summary(proof: Proof): string {
  const { leaks, tenants, victims, stack } = proof;
  const { tried, pairs, statements, refused } = counts(proof);
  const open = counted(leaks.length, "leak");
  if (tenants.length === 0) {
    const shown = leaks.length === 0 ? "no leak" : open;
    const there = `${counted(victims.length, "tenant")} in the database`;
    return `The stack ${stack} declares no tenant, so nobody tried; the catalogs show ${shown} (${there}).`;
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

function counts({ tenants, victims }: Proof) {
  const sum = (of: (tenant: Proof["tenants"][number]) => number) => tenants.reduce((all, one) => all + of(one), 0);
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

/** The proof for programs. */
export function proofJson(proof: Proof): string {
  const { stack, database, tenants, victims, leaks, notes } = proof;
  return jsonText(
    {
      stack,
      database,
      holds: holds(proof),
      ...counts(proof),
      tenants: tenants.map(({ slug, role, schema, problem, attempts, refused, complete }) => ({
        ...{ tenant: slug, role, schema, login: problem === undefined, problem: problem ?? null },
        ...{ statements: attempts, refused, complete },
      })),
      triedOn: victims.map(({ slug }) => slug),
      leaks: leaks.map(({ victim, schema, hint, ...leak }) => ({
        ...{ ...leak, victim: victim ?? null, schema: schema ?? null, hint: hint ?? null },
      })),
      notes: notes.map(({ sentence, statement, as }) => ({ sentence, statement: statement ?? null, as: as ?? null })),
    },
    2,
  );
}
