import { digits } from "../../../database/migrations/migration-files";
import { countText, sizeText } from "../../../domain/quantities";
import { CONDITIONS, type TenantView } from "../conditions";
import { html, type Markup } from "../markup";
import type { Say } from "../say";
import type { Word } from "../words";

interface Cell {
  readonly shown: Markup | string;
  /** What a number column is sorted by; undefined for a column of names. */
  readonly number?: number | undefined;
}

interface Column {
  readonly head: Word;
  readonly cell: (tenant: TenantView, say: Say) => Cell;
}

/** Below every number, for what is not known. */
const UNKNOWN: Cell = { shown: "–", number: -1 };

function size(kind: "total" | "tables" | "indexes" | "toast"): Column["cell"] {
  return ({ size }) => (size === null ? UNKNOWN : { shown: sizeText(size[kind]), number: size[kind] });
}

const COLUMNS: readonly Column[] = [
  { head: "size", cell: size("total") },
  { head: "tables", cell: size("tables") },
  { head: "indexes", cell: size("indexes") },
  { head: "toast", cell: size("toast") },
  {
    head: "rows",
    cell: ({ size }) => (size === null ? UNKNOWN : { shown: countText(size.rows), number: size.rows }),
  },
  {
    head: "connections",
    cell: ({ connections: { total } }) => ({ shown: String(total), number: total }),
  },
  {
    head: "limit",
    cell: ({ connectionLimit: limit, hasRole }, say) => {
      if (!hasRole) return UNKNOWN;
      return limit === null ? { shown: say("none"), number: 1e9 } : { shown: String(limit), number: limit };
    },
  },
  {
    head: "migration",
    cell: ({ migrations }) =>
      migrations === null || migrations.condition === "unknown"
        ? UNKNOWN
        : { shown: digits(migrations.number), number: migrations.number },
  },
  { head: "leaksColumn", cell: ({ leaks }) => ({ shown: String(leaks), number: leaks }) },
];

/** Every tenant in a table that can be searched, filtered and sorted; the largest first. */
export function tenantsSection(tenants: readonly TenantView[], say: Say): Markup {
  const bySize = [...tenants].sort((a, b) => (b.size?.total ?? -1) - (a.size?.total ?? -1));
  const heads: readonly Word[] = ["tenant", "condition", ...COLUMNS.map(({ head }) => head)];
  const found = CONDITIONS.filter((condition) => tenants.some(({ conditions }) => conditions.includes(condition)));
  const options = [say.option("", "everyOne"), ...found.map((condition) => say.option(condition, condition))];
  const sortable = heads.map((head, index) => {
    const sort = head === "size" ? html` aria-sort="descending"` : undefined;
    return html`<th scope="col"${index > 1 ? html` class="number"` : undefined}${sort}><button type="button">${say(head)}</button></th>`;
  });
  return html`<section id="tenants"><h2>${say("tenants")} (${tenants.length})</h2>
<form class="filter" role="search"><label>${say("search")} <input type="search" id="search" autocomplete="off"></label>
<label>${say("show")} <select id="show">${options}</select></label>
<output aria-live="polite">${say("shown")} <span id="shown">${tenants.length}</span></output> <span class="screen">${say("sortHow")}</span></form>
<div class="wide" role="region" tabindex="0" ${say.label("tenants")}><table id="fleet"><thead><tr>${sortable}</tr></thead><tbody>
${bySize.map((tenant) => row(tenant, say))}</tbody></table></div></section>`;
}

function row(tenant: TenantView, say: Say): Markup {
  const chips = tenant.conditions.map((condition) => html`<span class="chip ${condition}">${say(condition)}</span> `);
  const cells = COLUMNS.map(({ cell }) => {
    const { shown, number } = cell(tenant, say);
    return html`<td class="number" data-n="${number}">${shown}</td>`;
  });
  return html`<tr data-has="${tenant.conditions.join(" ")}"><th scope="row">${tenant.slug}</th><td>${chips}</td>${cells}</tr>
`;
}
