import type { Markup } from "./markup";

export interface StackedBar {
  readonly name: string;
  readonly parts: readonly { readonly kind: "tables" | "indexes" | "toast"; readonly bytes: number }[];
}

export interface LimitedBar {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
}

export interface ChangeBar {
  readonly name: string;
  readonly bytes: number;
}

export interface Mark {
  readonly at: number;
  readonly kind: "warning" | "alarm" | "promised" | "limit";
}

/** Charts as SVG. The figures of each stand in a table beside it. */
export interface Charts {
  sizes(bars: readonly StackedBar[]): Markup;
  /** How much of a whole is used, with marks on it. */
  gauge(used: number, whole: number, marks: readonly Mark[]): Markup;
  limits(bars: readonly LimitedBar[]): Markup;
  changes(bars: readonly ChangeBar[]): Markup;
}
