import { jsonText } from "../../domain/json-text";
import { printable } from "../../domain/printable";
import { linesText, matrixText } from "./matrix";
import type { ProvedLeak } from "./merge";
import type { Proof } from "./proof";

/** As many as somebody reads; the rest of them mostly have the same cause. `--json` has them all. */
const MOST_LEAKS = 100;

const LEGEND = "·  refused   ✗  gets through, in so many ways   ?  not tried   –  itself";

/** Whether nothing leaks, and everything was tried. */
export function holds({ leaks }: Proof): boolean {
  return leaks.length === 0;
}

/** The proof for people. */
export function proofText(proof: Proof): string {
  const { leaks, notes, tenants } = proof;
  const matrix = tenants.length === 0 ? undefined : matrixText(proof);
  return [
    ...(matrix === undefined ? linesText(proof).map(printable) : [matrix, LEGEND]),
    ...leaks.slice(0, MOST_LEAKS).flatMap((leak) => ["", ...leakLines(leak)]),
    ...(leaks.length > MOST_LEAKS ? ["", `… and ${leaks.length - MOST_LEAKS} more: --json has them all.`] : []),
    ...(notes.length > 0 ? [""] : []),
    ...notes.flatMap(({ sentence, statement }) => [
      printable(`! ${sentence}`),
      ...(statement === undefined ? [] : [`    ${printable(statement)}`]),
    ]),
    ...(leaks.length + notes.length > 0 ? [""] : []),
    summary(proof),
  ].join("\n");
}

function leakLines({ check, role, victim, object, statement, closes, hint }: ProvedLeak): string[] {
  const whom = victim === undefined ? "" : ` → ${victim}`;
  return [
    `✗ ${printable(role)}${whom}, ${check}: ${printable(object)}`,
    `    ${printable(statement)}`,
    ...closes.map((remedy) => `  closed by ${printable(remedy.as)}: ${printable(remedy.statement)}`),
    ...(hint === undefined ? [] : [`  ${printable(hint)}`]),
  ];
}

function summary(proof: Proof): string {
  const { leaks, tenants, victims, stack } = proof;
  const { pairs, statements, refused } = counts(proof);
  const open = leaks.length === 1 ? "1 leak" : `${leaks.length} leaks`;
  if (tenants.length === 0) {
    const what = leaks.length === 0 ? "no leak" : open;
    return `The stack ${stack} declares no tenant, so nobody tried; the catalogs show ${what} (${victims.length} tenants in the database).`;
  }
  const all = statements === refused ? "all refused" : `${number(refused)} refused`;
  const what = `${number(tenants.length)} tenants, ${number(pairs)} pairs, ${number(statements)} statements tried, ${all}`;
  return leaks.length === 0 ? `✓ ${what}; the catalogs show no leak.` : `✗ ${what}; ${open}.`;
}

function counts({ tenants, victims }: Proof) {
  const sum = (of: (tenant: Proof["tenants"][number]) => number) => tenants.reduce((all, one) => all + of(one), 0);
  const tried = tenants.filter(({ complete }) => complete);
  return {
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
      leaks: leaks.map(({ victim, hint, ...leak }) => ({ ...leak, victim: victim ?? null, hint: hint ?? null })),
      notes: notes.map(({ sentence, statement }) => ({ sentence, statement: statement ?? null })),
    },
    2,
  );
}
