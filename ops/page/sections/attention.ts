import { sizeText } from "../../../domain/quantities";
import type { Message } from "../../message";
import { wallOf } from "../../verify/leak";
import type { ProvenLeak } from "../../verify/merge";
import { chosenLeaks, counts } from "../../verify/show-verification";
import type { Verification } from "../../verify/verification";
import type { TenantView } from "../conditions";
import { NEAR, type PageContent, proofOf } from "../content";
import { html, type Markup } from "../markup";
import type { Say } from "../say";
import { wayText } from "./isolation";
import { remedies } from "./remedies";

/** Pairs and names that a card shows. */
const MOST_SHOWN = 3;

/** Leaks of one pair that a card shows. */
const MOST_OF_PAIR = 10;

/** What somebody should know who looks at the page for a minute. */
export function attentionSection(content: PageContent, tenants: readonly TenantView[], say: Say): Markup {
  const { report } = content;
  const undeclared = tenants.filter(({ stack }) => stack === null);
  const advice = say("undeclaredDetail");
  return html`<section id="attention"><h2>${say("attention")}</h2><div class="cards">
${isolationCard(content, say)}
${report === undefined ? undefined : [largest(tenants, say), nearLimit(content, tenants, say), behind(tenants, say)]}
${undeclared.length === 0 ? undefined : card("warn", say("undeclared"), names(undeclared, say), advice)}
</div>${report === undefined || report.warnings.length === 0 ? undefined : warnings(report.warnings, say)}</section>`;
}

type Mood = "good" | "bad" | "warn" | "plain";

function card(mood: Mood, title: Markup, ...lines: readonly (Markup | undefined)[]): Markup {
  const shown = lines.flatMap((line) => (line === undefined ? [] : html`<div>${line}</div>`));
  return html`<article class="card ${mood}"><h3>${title}</h3>${shown}</article>
`;
}

function isolationCard(content: PageContent, say: Say): Markup {
  const proof = proofOf(content);
  if (proof === undefined) {
    const why = "unavailable" in content.proof ? content.proof.unavailable : "";
    return card("warn", say("notProved"), html`<p lang="en">${why}</p>`);
  }
  const { leaks, tenants } = proof;
  if (leaks.length === 0) {
    const { tried, statements } = counts(proof);
    const detail = tenants.length === 0 ? say("nobodyTried") : say("holdsDetail", { tried, statements });
    return card("good", say("holds"), detail);
  }
  const pairs = leaksByPair(leaks);
  const items = pairs.slice(0, MOST_SHOWN).map((pair) => pairItem(pair, proof, say));
  const all = html`<a href="#leaks">${say("seeAll")}</a>`;
  return card("bad", say("leaksFound", { n: leaks.length }), html`${items}${rest(pairs.length, say)}`, all);
}

/** The leaks of each pair of who gets through and whom to, the worst first. */
function leaksByPair(leaks: readonly ProvenLeak[]): (readonly ProvenLeak[])[] {
  const byPair = new Map<string, ProvenLeak[]>();
  const every = Number.POSITIVE_INFINITY;
  for (const { leak } of chosenLeaks(leaks, { most: every, alike: every }).shown) {
    const pair = JSON.stringify([leak.role, wallOf(leak)]);
    const others = byPair.get(pair);
    if (others === undefined) byPair.set(pair, [leak]);
    else others.push(leak);
  }
  return [...byPair.values()];
}

function pairItem(leaks: readonly ProvenLeak[], proof: Verification, say: Say): Markup {
  const shown = leaks.slice(0, MOST_OF_PAIR);
  const [first] = shown;
  if (first === undefined) return html``;
  const left = leaks.length - shown.length;
  return html`<div class="worst"><p>${wayText(first, proof, say)}, ${say("inWays", { n: leaks.length })}</p>
<ul lang="en">${shown.map(({ object }) => html`<li>${object}</li>`)}</ul>
${remedies(shown, say)}${left > 0 ? html`<p>${say("moreWays", { n: left })}</p>` : undefined}</div>`;
}

function largest(tenants: readonly TenantView[], say: Say): Markup {
  const total = tenants.reduce((sum, { size }) => sum + (size?.total ?? 0), 0);
  const [first] = [...tenants].sort((a, b) => (b.size?.total ?? 0) - (a.size?.total ?? 0));
  if (first?.size == null || total === 0) return card("plain", say("largest"), say("none"));
  const percent = Math.round((100 * first.size.total) / total) || "< 1";
  const detail = say("largestDetail", { size: sizeText(first.size.total), percent });
  return card("plain", say("largest"), html`<strong>${first.slug}</strong>`, detail);
}

function nearLimit({ report, thresholds }: PageContent, tenants: readonly TenantView[], say: Say): Markup {
  const near = tenants.filter(({ conditions }) => conditions.includes("near"));
  const { total = 0, maxConnections = 0 } = report?.connections ?? {};
  const all = say("nearLimitAll", { used: total, most: maxConnections });
  const many = total > (thresholds?.connectionsWarning ?? maxConnections);
  const lines = near.slice(0, MOST_SHOWN).map(({ slug, connections, connectionLimit }) => {
    const detail = say("nearLimitDetail", { used: connections.total, limit: connectionLimit ?? 0 });
    return html`<p><strong>${slug}</strong>: ${detail}</p>`;
  });
  const means = say(near.length === 0 ? "nearLimitNone" : "nearLimitMeans", { percent: 100 * NEAR });
  const who = html`${lines}${rest(near.length, say)}<p>${means}</p>`;
  return card(near.length > 0 || many ? "warn" : "plain", say("nearLimit"), who, all);
}

function behind(tenants: readonly TenantView[], say: Say): Markup {
  const late = tenants
    .filter(({ conditions }) => conditions.includes("isBehind"))
    .sort((a, b) => (b.migrations?.behind ?? 0) - (a.migrations?.behind ?? 0));
  if (late.length === 0) return card("plain", say("behind"), say("behindNone"));
  const lines = late.slice(0, MOST_SHOWN).map(({ slug, migrations }) => {
    return html`<p><strong>${slug}</strong>: ${say("behindBy", { n: migrations?.behind ?? 0 })}</p>`;
  });
  const apply = html`${say("applyThem")} <code>npx pulumi up</code>`;
  return card("warn", say("behind"), html`${lines}${rest(late.length, say)}`, apply);
}

function names(tenants: readonly TenantView[], say: Say): Markup {
  const shown = tenants.slice(0, MOST_SHOWN).map(({ slug }) => html`<p><strong>${slug}</strong></p>`);
  return html`${shown}${rest(tenants.length, say)}`;
}

function rest(all: number, say: Say): Markup | undefined {
  return all > MOST_SHOWN ? html`<p>${say("more", { n: all - MOST_SHOWN })}</p>` : undefined;
}

/** Warnings that a page shows; the rest follow from the table. */
const MOST_WARNINGS = 50;

/** Warnings that stand open at the top of the page: more would push down what follows. */
const MOST_OPEN = 5;

function warnings(all: readonly Message[], say: Say): Markup {
  const left = all.length - MOST_WARNINGS;
  const open = all.length <= MOST_OPEN ? html` open` : undefined;
  return html`<details${open}><summary>${say("warnings")} (${all.length})</summary>
<ul>${all.slice(0, MOST_WARNINGS).map((warning) => html`<li>${say.message(warning)}</li>`)}</ul>
${left > 0 ? html`<p>${say("more", { n: left })}</p>` : undefined}</details>`;
}
