import { sizeText } from "../../../domain/quantities";
import type { Message } from "../../message";
import { chosenLeaks, counts } from "../../verify/show-verification";
import type { TenantView } from "../conditions";
import { type PageContent, proofOf } from "../content";
import { html, type Markup } from "../markup";
import type { Say } from "../say";
import { remedies, wayText } from "./isolation";

/** Leaks and names that a card shows. */
const MOST_SHOWN = 3;

/** What somebody should know who looks at the page for a minute. */
export function attentionSection(content: PageContent, tenants: readonly TenantView[], say: Say): Markup {
  const { report } = content;
  const undeclared = tenants.filter(({ stack }) => stack === null);
  return html`<section id="attention"><h2>${say("attention")}</h2><div class="cards">
${isolationCard(content, say)}
${report === undefined ? undefined : [largest(tenants, say), nearLimit(content, tenants, say), behind(tenants, say)]}
${
  undeclared.length === 0
    ? undefined
    : card("warn", say("undeclared"), names(undeclared, say), say("undeclaredDetail", { n: undeclared.length }))
}
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
  const items = chosenLeaks(leaks, { most: MOST_SHOWN, alike: 1 }).shown.map(({ leak }) => {
    return html`<div class="worst"><p>${wayText(leak, proof, say)}: <span lang="en">${leak.object}</span></p>
${remedies(leak, say)}</div>`;
  });
  const all = html`<a href="#leaks">${say("seeAll")}</a>`;
  return card("bad", say("leaksFound", { n: leaks.length }), html`${items}`, all);
}

function largest(tenants: readonly TenantView[], say: Say): Markup {
  const total = tenants.reduce((sum, { size }) => sum + (size?.total ?? 0), 0);
  const [first] = [...tenants].sort((a, b) => (b.size?.total ?? 0) - (a.size?.total ?? 0));
  if (first?.size == null || total === 0) return card("plain", say("largest"), say("none"));
  const percent = Math.round((100 * first.size.total) / total) || "< 1";
  const detail = say("largestDetail", { size: sizeText(first.size.total), percent, total: sizeText(total) });
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
  const who = near.length === 0 ? say("nearLimitNone") : html`${lines}${rest(near.length, say)}`;
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
  return card("warn", say("behind"), html`${lines}${rest(late.length, say)}`);
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

function warnings(all: readonly Message[], say: Say): Markup {
  const left = all.length - MOST_WARNINGS;
  return html`<details><summary>${say("warnings")} (${all.length})</summary>
<ul>${all.slice(0, MOST_WARNINGS).map((warning) => html`<li>${say.message(warning)}</li>`)}</ul>
${left > 0 ? html`<p>${say("more", { n: left })}</p>` : undefined}</details>`;
}
