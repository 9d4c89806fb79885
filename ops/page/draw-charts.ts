/** Charts as SVG. Their colours are classes and variables of browser/page.css; their figures stand in tables beside them. */
import type { Markish } from "@observablehq/plot";
import { printable } from "../../domain/printable";
import { signedSizeText, sizeText } from "../../domain/quantities";
import type { Charts, StackedBar } from "./charts";
import { Markup } from "./markup";

type Plot = typeof import("@observablehq/plot");

const WIDTH = 900;
const BAR = 24;
const NAMES = 190;
const NAME = 26;

/** Loads the library, which takes a while: begin before there is something to draw. */
export async function loadCharts(): Promise<Charts> {
  // As native modules, since tsx takes three times as long for them.
  const [plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom/worker")]);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  return chartsOf(plot, document as unknown as Document);
}

function chartsOf(plot: Plot, document: Document): Charts {
  const drawn = (bars: number, marks: readonly Markish[], more: object = {}): Markup => {
    const svg = plot.plot({
      document,
      width: WIDTH,
      height: bars * BAR + 44,
      marginLeft: NAMES,
      marginRight: 70,
      marginTop: 4,
      marginBottom: 40,
      marks: [...marks],
      ...more,
    });
    // A page takes no style but its own.
    svg.querySelector("style")?.remove();
    svg.setAttribute("class", "chart");
    svg.setAttribute("aria-hidden", "true");
    return new Markup(svg.outerHTML);
  };
  const names = (bars: readonly { readonly name: string }[]) => ({
    domain: bars.map(({ name }) => name),
    tickFormat: shortName,
    tickSize: 0,
    label: null,
  });
  const bytes = (totals: readonly number[]) => ({
    label: null,
    tickFormat: signedSizeText,
    ticks: sizeTicks(Math.min(0, ...totals), Math.max(0, ...totals)),
    grid: true,
  });
  return {
    sizes: (bars) => {
      const parts = bars.flatMap(({ name, parts }) => parts.map((part) => ({ name, ...part })));
      const total = ({ parts }: StackedBar) => parts.reduce((sum, part) => sum + part.bytes, 0);
      const marks = [
        plot.barX(parts, { x: "bytes", y: "name", fill: (part) => `var(--${part.kind})`, insetTop: 3, insetBottom: 3 }),
        plot.text(bars, { x: total, y: "name", text: (bar) => sizeText(total(bar)), textAnchor: "start", dx: 4 }),
      ];
      return drawn(bars.length, marks, { x: bytes(bars.map(total)), y: names(bars), color: { type: "identity" } });
    },
    gauge: (used, whole, marks) => {
      const shown = [
        plot.barX([whole], { x1: 0, x2: (most) => most, y: () => "", fill: "var(--whole)" }),
        plot.barX([used], { x1: 0, x2: (own) => own, y: () => "", fill: "var(--used)", insetTop: 6, insetBottom: 6 }),
        plot.tickX(marks, { x: "at", stroke: (mark) => `var(--${mark.kind})`, strokeWidth: 3 }),
      ];
      const x = { domain: [0, Math.max(whole, ...marks.map(({ at }) => at))], label: null, ticks: 8 };
      return drawn(1.5, shown, { x, y: { label: null, tickSize: 0 }, color: { type: "identity" }, marginLeft: 10 });
    },
    limits: (bars) => {
      const y = names(bars);
      const marks = [
        plot.barX(bars, { x: "limit", y: "name", fill: "var(--whole)", insetTop: 3, insetBottom: 3 }),
        plot.barX(bars, { x: "used", y: "name", fill: "var(--used)", insetTop: 6, insetBottom: 6 }),
        plot.tickX(bars, { x: "limit", y: "name", stroke: "var(--limit)", strokeWidth: 3 }),
        plot.text(bars, {
          x: (bar) => Math.max(bar.used, bar.limit),
          y: "name",
          text: (bar) => `${bar.used} / ${bar.limit}`,
          textAnchor: "start",
          dx: 6,
        }),
      ];
      return drawn(bars.length, marks, { x: { label: null, ticks: 8, grid: true }, y, color: { type: "identity" } });
    },
    changes: (bars) => {
      const marks = [
        plot.barX(bars, {
          x: "bytes",
          y: "name",
          fill: (bar) => (bar.bytes < 0 ? "var(--less)" : "var(--used)"),
          insetTop: 3,
          insetBottom: 3,
        }),
        plot.ruleX([0]),
        plot.text(bars, {
          x: (bar) => Math.max(bar.bytes, 0),
          y: "name",
          text: (bar) => signedSizeText(bar.bytes),
          textAnchor: "start",
          dx: 4,
        }),
      ];
      return drawn(bars.length, marks, {
        x: bytes(bars.map((bar) => bar.bytes)),
        y: names(bars),
        color: { type: "identity" },
      });
    },
  };
}

const MOST_TICKS = 6;

/** Round sizes, as people read them: 2 MB and not 1.9. */
function sizeTicks(from: number, to: number): number[] {
  const units = Array.from({ length: 6 }, (_, power) => 1024 ** power);
  const steps = units.flatMap((unit) => [1, 2, 5, 10, 20, 50, 100, 200, 500].map((times) => times * unit));
  const step = steps.find((size) => (to - from) / size <= MOST_TICKS) ?? to - from;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
}

function shortName(name: string): string {
  const shown = printable(name);
  return shown.length > NAME ? `${shown.slice(0, NAME - 1)}…` : shown;
}
