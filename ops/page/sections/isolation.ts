import { pasteableStatement } from "../../../database/sql-text";
import { type IsolationGrid, isolationGrid } from "../../verify/isolation-grid";
import { type Note, SCHEMA_PUBLIC, SERVER, wallOf } from "../../verify/leak";
import { EVERYBODY, type MatrixRow, roleText } from "../../verify/matrix";
import type { ProvenLeak } from "../../verify/merge";
import { chosenLeaks } from "../../verify/show-verification";
import type { Verification } from "../../verify/verification";
import { type PageContent, proofOf } from "../content";
import { html, type Markup } from "../markup";
import type { Say } from "../say";
import type { Word } from "../words";
import { remedies } from "./remedies";

/** Leaks of one page: of more, a browser would be slow, and nobody would read them. */
const MOST_LEAKS = { most: 1000, alike: 100 };

/** The matrix, every leak with its remedy, and the notes. */
export function isolationSection(content: PageContent, say: Say): Markup {
  const proof = proofOf(content);
  if (proof === undefined) return html``;
  const walls = leaksByWall(proof);
  return html`<section id="isolation"><h2>${say("isolation")}</h2>
${matrix(isolationGrid(proof), walls, say)}${untried(content, proof, say)}
${walls.size === 0 ? undefined : leaks(proof, walls, say)}
${proof.notes.length === 0 ? undefined : notes(proof.notes, say)}</section>`;
}

interface Wall {
  readonly id: string;
  readonly leaks: readonly ProvenLeak[];
}

/** The leaks that are shown, by the wall that they get through. */
function leaksByWall(proof: Verification): Map<string, Wall> {
  const byWall = new Map<string, ProvenLeak[]>();
  for (const { leak, more } of chosenLeaks(proof.leaks, MOST_LEAKS).shown) {
    const wall = wallOf(leak);
    byWall.set(wall, [...(byWall.get(wall) ?? []), leak, ...more]);
  }
  return new Map([...byWall].map(([wall, leaks], index) => [wall, { id: `wall-${index + 1}`, leaks }]));
}

/** What a wall is called: a tenant's by its slug. */
function wallText(wall: string, say: Say): Markup {
  if (wall === SCHEMA_PUBLIC) return say("schemaPublic");
  return wall === SERVER ? say("theServer") : html`${wall}`;
}

/** Who gets to whom: in words, since an arrow might as well be what leaks. */
export function wayText(leak: Pick<ProvenLeak, "role" | "victim" | "schema">, proof: Verification, say: Say): Markup {
  const [who, wall] = [whoText(leak.role, proof, say), wallText(wallOf(leak), say)];
  return html`<strong>${who}</strong> ${say("reachesWhom")} <strong>${wall}</strong>`;
}

/** What a role is called that gets through: a tenant's by its slug. */
function whoText(role: string, { victims }: Pick<Verification, "victims">, say: Say): Markup {
  return rowText(victims.find((tenant) => tenant.role === role)?.slug ?? roleText(role), say);
}

function rowText(who: string, say: Say): Markup {
  return who === EVERYBODY ? say("everybody") : html`${who}`;
}

function matrix(grid: IsolationGrid, walls: ReadonlyMap<string, Wall>, say: Say): Markup {
  const { rows, walls: columns, allRows, allWalls } = grid;
  const values = { rows: rows.length, allRows, walls: columns.length, allWalls };
  const cut = rows.length < allRows || columns.length < allWalls;
  const part = cut ? html`<p>${say("matrixPart", values)}</p>` : undefined;
  if (rows.length === 0) return html`${part}`;
  const apart = columns.find(isShared);
  const heads = columns.map(
    (wall) =>
      html`<th scope="col" class="wall${wall === apart ? " apart" : ""}"><span>${wallText(wall, say)}</span></th>`,
  );
  const lines = rows.map(
    (row) =>
      html`<tr><th scope="row">${rowText(row.who, say)}</th>${columns.map((wall) => cell(row, wall, { open: walls.get(wall), apart: wall === apart }, say))}</tr>
`,
  );
  return html`<p>${say("matrixHow")}</p>${part}
<div class="wide" role="region" tabindex="0" ${say.label("matrix")}><table class="matrix"><caption>${say("matrix")}</caption>
<thead><tr><th scope="col" rowspan="2">${say("tries")}</th>${groups(columns, say)}</tr>
<tr>${heads}</tr></thead><tbody>
${lines}</tbody></table></div>
<p class="legend"><span class="key refused">·</span> ${say("refused")} <span class="key leak">2</span> ${say("soManyWays")}
<span class="key untried">?</span> ${say("notTried")} <span class="key self">–</span> ${say("itself")}</p>`;
}

/** Whether a wall is no tenant's. No slug has a space, so none is called like these. */
function isShared(wall: string): boolean {
  return wall === SCHEMA_PUBLIC || wall === SERVER;
}

/** What the columns are, above them. */
function groups(columns: readonly string[], say: Say): Markup {
  const shared = columns.filter(isShared).length;
  const group = (span: number, word: Word, kind: string) =>
    span === 0 ? undefined : html`<th scope="colgroup" colspan="${span}" class="group${kind}">${say(word)}</th>`;
  return html`${group(columns.length - shared, "onTenants", "")}${group(shared, "onShared", " apart")}`;
}

/** Names in a line: of more, nobody would read them. */
const MOST_NAMES = 10;

/** The tenants that no file declares: nobody knows how to log in as they do. */
function untried({ report }: PageContent, { victims }: Verification, say: Say): Markup {
  const undeclared = (report?.tenants ?? []).flatMap(({ slug, stack }) => (stack === null ? [slug] : []));
  const columns = new Set(victims.map(({ slug }) => slug));
  const line = (word: Word, slugs: readonly string[]) => {
    const who = slugs.slice(0, MOST_NAMES).join(", ") + (slugs.length > MOST_NAMES ? ", …" : "");
    return slugs.length === 0 ? undefined : html`<p>${say(word, { who })}</p>`;
  };
  const [on, off] = [true, false].map((tried) => undeclared.filter((slug) => columns.has(slug) === tried));
  return html`${line("untriedAs", on ?? [])}${line("untriedAtAll", off ?? [])}`;
}

/** How a cell stands in its row. */
interface Place {
  readonly open: Wall | undefined;
  /** Whether it is the first of what is no tenant's. */
  readonly apart: boolean;
}

function cell({ who, reaches }: MatrixRow, wall: string, { open, apart }: Place, say: Say): Markup {
  const count = reaches.get(wall);
  const quiet = (kind: string, sign: string, heard: Markup) =>
    html`<td class="${kind}${apart ? " apart" : ""}"><span aria-hidden="true">${sign}</span><span class="heard">${heard}</span></td>`;
  if (count) {
    const heat = count > 9 ? 3 : count > 2 ? 2 : 1;
    const name = html`<span aria-hidden="true">${count}</span><span class="heard">${say("getsThrough", { n: count })}</span>`;
    return html`<td class="leak heat-${heat}${apart ? " apart" : ""}">${open === undefined ? name : html`<a href="#${open.id}">${name}</a>`}</td>`;
  }
  if (who === wall) return quiet("self", "–", say("itself"));
  return count === undefined ? quiet("untried", "?", say("notTried")) : quiet("refused", "·", say("refused"));
}

function leaks(proof: Verification, walls: ReadonlyMap<string, Wall>, say: Say): Markup {
  const groups = [...walls].map(
    ([wall, { id, leaks }]) =>
      html`<details id="${id}"><summary><strong>${wallText(wall, say)}</strong>: ${say("waysTo", { n: leaks.length })}</summary>
<ul>${leaks.map((leak) => leakItem(leak, proof, say))}</ul></details>
`,
  );
  const shown = [...walls.values()].reduce((sum, { leaks }) => sum + leaks.length, 0);
  const left = proof.leaks.length - shown;
  return html`<h3 id="leaks">${say("leaks")}</h3>
${groups}${left > 0 ? html`<p>${say("leaksLeft", { n: left })}</p>` : undefined}`;
}

function leakItem(
  { check, role, victim, schema, object, statement, closes, hint }: ProvenLeak,
  proof: Verification,
  say: Say,
): Markup {
  const way = wayText({ role, victim, schema }, proof, say);
  return html`<li><p>${way}, <span lang="en">${check}: ${object}</span></p>
<p>${say("shownBy")}</p><pre><code>${pasteableStatement(statement)};</code></pre>
${remedies([{ object, closes }], say)}${hint === undefined ? undefined : html`<p>${say.message(hint)}</p>`}</li>
`;
}

/** Notes of one page. */
const MOST_NOTES = 200;

function notes(all: readonly Note[], say: Say): Markup {
  const left = all.length - MOST_NOTES;
  const items = all
    .slice(0, MOST_NOTES)
    .map(
      ({ sentence, statement, as }) =>
        html`<li>${say.message(sentence)}${
          statement === undefined
            ? undefined
            : html`<pre><code>${as === undefined ? undefined : `-- ${as}\n`}${pasteableStatement(statement)};</code></pre>`
        }</li>`,
    );
  return html`<details><summary>${say("notes")} (${all.length})</summary><ul>${items}</ul>${left > 0 ? html`<p>${say("more", { n: left })}</p>` : undefined}</details>`;
}
