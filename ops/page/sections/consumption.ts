import { signedSizeText, sizeText } from "../../../domain/quantities";
import type { Charts, Mark } from "../charts";
import { shareOfLimit, type TenantView } from "../conditions";
import { MOST_BARS, type PageContent } from "../content";
import { html, type Markup } from "../markup";
import type { PageData } from "../page-data";
import type { Say } from "../say";
import type { Word } from "../words";

const KINDS = ["tables", "indexes", "toast"] as const;

/** What each tenant takes of the disk, and what of the connections. */
export function sizesSection(tenants: readonly TenantView[], charts: Charts, say: Say): Markup {
  const measured = tenants.flatMap(({ slug, size }) => (size === null ? [] : [{ name: slug, size }]));
  if (measured.length === 0) return html``;
  const bySize = measured.sort((a, b) => b.size.total - a.size.total);
  const [shown, rest] = [bySize.slice(0, MOST_BARS), bySize.slice(MOST_BARS)];
  const [all, size] = [bySize, rest].map((some) => sizeText(some.reduce((sum, { size }) => sum + size.total, 0)));
  const bars = shown.map(({ name, size }) => ({ name, parts: KINDS.map((kind) => ({ kind, bytes: size[kind] })) }));
  const part =
    rest.length === 0
      ? undefined
      : html`<p>${say("sizesPart", { shown: shown.length, n: rest.length, size: size ?? "" })}</p>`;
  return html`<section id="sizes"><h2>${say("sizes")}</h2><p>${say("sizesAll", { size: all ?? "" })}</p>${part}
<p class="legend">${KINDS.map((kind) => html`<span class="swatch ${kind}"></span> ${say(kind)} `)}</p>
${figure(charts.sizes(bars), say("behindChart"))}</section>`;
}

export function connectionsSection(
  { report, thresholds }: PageContent,
  tenants: readonly TenantView[],
  charts: Charts,
  say: Say,
): Markup {
  if (report === undefined) return html``;
  const { total, maxConnections, budget } = report.connections;
  const marks: readonly (Mark & { readonly word: Word })[] = [
    ...(thresholds === undefined
      ? []
      : [
          { at: thresholds.connectionsWarning, kind: "warning" as const, word: "warning" as const },
          { at: thresholds.connectionsAlarm, kind: "alarm" as const, word: "alarm" as const },
        ]),
    { at: budget.total, kind: "promised", word: "promised" },
    { at: maxConnections, kind: "limit", word: "maxConnections" },
  ];
  const rows = marks.map(
    ({ at, kind, word }) =>
      html`<tr><th scope="row"><span class="swatch ${kind}"></span> ${say(word)}</th><td class="number">${at}</td></tr>`,
  );
  const limited = tenants.flatMap((tenant) => {
    const { slug: name, connections, connectionLimit: limit } = tenant;
    return limit === null || limit <= 0 ? [] : [{ name, used: connections.total, limit, share: shareOfLimit(tenant) }];
  });
  const shown = limited.sort((a, b) => b.share - a.share || b.used - a.used).slice(0, MOST_BARS);
  const part =
    shown.length < limited.length
      ? html`<p>${say("connectionsPart", { shown: shown.length, all: limited.length })}</p>`
      : undefined;
  const each = html`<h3>${say("connectionsEach")}</h3>${part}
<p class="legend"><span class="swatch used"></span> ${say("open_")} <span class="swatch limit"></span> ${say("legendLimit")}</p>
${figure(charts.limits(shown), say("behindChart"))}`;
  return html`<section id="connections"><h2>${say("connections")}</h2><h3>${say("connectionsAll")}</h3>
${figure(charts.gauge(total, maxConnections, marks), undefined)}
<table class="small"><caption class="heard">${say("connectionsAll")}</caption>
<thead><tr><th scope="col">${say("measure")}</th><th scope="col" class="number">${say("number")}</th></tr></thead>
<tbody><tr><th scope="row"><span class="swatch used"></span> ${say("open_")}</th><td class="number">${total}</td></tr>${rows}</tbody></table>
${shown.length === 0 ? undefined : each}</section>`;
}

interface Change {
  readonly name: string;
  readonly before: number | undefined;
  readonly now: number | undefined;
  readonly bytes: number;
}

/** What has grown or shrunk since an earlier page. */
export function growthSection(
  before: PageData | undefined,
  tenants: readonly TenantView[],
  charts: Charts,
  say: Say,
): Markup {
  if (before === undefined) return html``;
  const changes = changesSince(before, tenants);
  const change = signedSizeText(changes.reduce((sum, { bytes }) => sum + bytes, 0));
  const head = html`<section id="growth"><h2>${say("growth")}</h2>
<p>${say("growthSince", { time: before.takenAt, change })}</p>`;
  if (changes.length === 0) return html`${head}<p>${say("growthNone")}</p></section>`;
  const shown = changes.slice(0, MOST_BARS);
  const rows = shown.map(({ name, before, now, bytes }) => {
    const [then, today] = [before, now].map((size) => (size === undefined ? "–" : sizeText(size)));
    const note = before === undefined ? say("came") : now === undefined ? say("went") : undefined;
    return html`<tr><th scope="row">${name} ${note}</th><td class="number">${then}</td><td class="number">${today}</td><td class="number">${signedSizeText(bytes)}</td></tr>`;
  });
  const heads = (["before", "now", "change"] as const).map(
    (word) => html`<th scope="col" class="number">${say(word)}</th>`,
  );
  const left = changes.length - shown.length;
  return html`${head}${figure(charts.changes(shown), undefined)}
<table class="small"><caption class="heard">${say("growth")}</caption><thead><tr><th scope="col">${say("tenant")}</th>${heads}</tr></thead>
<tbody>${rows}</tbody></table>${left > 0 ? html`<p>${say("more", { n: left })}</p>` : undefined}</section>`;
}

/** The largest change first. A tenant that could not be measured now has changed by nothing that is known. */
function changesSince(before: PageData, tenants: readonly TenantView[]): Change[] {
  const then = new Map(before.tenants?.map(({ slug, total }) => [slug, total]));
  const known = new Set(tenants.map(({ slug }) => slug));
  const gone = [...then].flatMap(([name, total]) =>
    known.has(name) ? [] : [{ name, before: total, now: undefined, bytes: -total }],
  );
  const here = tenants.flatMap(({ slug: name, size }) => {
    if (size === null) return [];
    const total = then.get(name);
    return [{ name, before: total, now: size.total, bytes: size.total - (total ?? 0) }];
  });
  return [...here, ...gone].filter(({ bytes }) => bytes !== 0).sort((a, b) => Math.abs(b.bytes) - Math.abs(a.bytes));
}

function figure(chart: Markup, caption: Markup | undefined): Markup {
  return html`<figure>${chart}${caption === undefined ? undefined : html`<figcaption class="heard">${caption}</figcaption>`}</figure>`;
}
