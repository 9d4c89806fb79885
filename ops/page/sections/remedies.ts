import { pasteableStatement } from "../../../database/sql-text";
import type { Remedy } from "../../verify/leak";
import type { ProvenLeak } from "../../verify/merge";
import { html, type Markup } from "../markup";
import type { Say } from "../say";

/** Statements that one role runs at once. */
interface Block {
  readonly as: string;
  readonly statements: string[];
}

/** What closes leaks, to be pasted as it stands: a block for each role that has to run some of it. */
export function remedies(leaks: readonly Pick<ProvenLeak, "object" | "closes">[], say: Say): Markup {
  const n = leaks.length;
  const shown = blocks(leaks).map(({ as: role, statements }, index) => {
    const code = statements.map((statement) => `${pasteableStatement(statement)};`).join("\n");
    return html`<p>${say(index === 0 ? "runThis" : "thenRun", { role, n })}</p><pre><code>${code}</code></pre>`;
  });
  const what = leaks.flatMap(({ object, closes }) => (closes.length === 0 ? [object] : [])).join(", ");
  return html`${shown}${what === "" ? undefined : html`<p>${say("noRemedy", { what })}</p>`}`;
}

/** The statements of one leak keep their order; leaks that the same roles close stand together, so that each role has one block. */
function blocks(leaks: readonly Pick<ProvenLeak, "closes">[]): Block[] {
  const distinct = [...new Map(leaks.map(({ closes }) => [JSON.stringify(closes), closes])).values()];
  const order = distinct.map(rolesOf);
  const all: Block[] = [];
  for (const { as, statement } of distinct
    .sort((a, b) => order.indexOf(rolesOf(a)) - order.indexOf(rolesOf(b)))
    .flat()) {
    const last = all.at(-1);
    if (last?.as === as) last.statements.push(statement);
    else all.push({ as, statements: [statement] });
  }
  return all;
}

function rolesOf(closes: readonly Remedy[]): string {
  return JSON.stringify([...new Set(closes.map(({ as }) => as))]);
}
