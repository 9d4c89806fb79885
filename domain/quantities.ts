/** Sizes, counts and times, short enough for a column or a line. */

const KILO = 1024;
const SIZE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;
const COUNT_UNITS = ["", " k", " M", " G", " T"] as const;

/** Counts that are shown to the last digit. */
const EXACT = 100_000;

const SPANS = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
  { unit: "s", ms: 1000 },
] as const;

/** Bytes as `816 kB` or `1.5 GB`, in powers of 1024 as PostgreSQL's own pg_size_pretty; at most 7 characters. */
export function sizeText(bytes: number): string {
  return scaled(
    bytes,
    KILO,
    SIZE_UNITS.map((unit) => ` ${unit}`),
  );
}

/** Bytes more or less than before: `−816 kB`. */
export function signedSizeText(bytes: number): string {
  return bytes < 0 ? `−${sizeText(-bytes)}` : sizeText(bytes);
}

/** A count as `52311` or `1.5 M`; at most 6 characters. */
export function countText(count: number): string {
  return count < EXACT ? String(Math.round(count)) : scaled(count, 1000, COUNT_UNITS);
}

/** A time span as `12.4 ms`, `3.4 s` or `2 h`; at most 7 characters. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return ageText(ms);
}

/** A time span in one whole unit, rounded down, as `3 d`. */
export function ageText(ms: number): string {
  const { unit, ms: length } = SPANS.find((span) => ms >= span.ms) ?? { unit: "s", ms: 1000 };
  return `${Math.floor(Math.max(ms, 0) / length)} ${unit}`;
}

/** How much of a task is done, in one unit. */
export interface Amount {
  readonly done: number;
  /** Of so much; undefined where nobody knows. */
  readonly all: number | undefined;
  /** Whether `all` is no more than an estimate. */
  readonly about?: boolean;
  readonly unit: "bytes" | "rows";
}

/** `12 MB of 40 MB`, `120 k of about 300 k rows`; as `120 k rows` where nobody knows of how many. */
export function amountText(amount: Amount): string {
  const { done, about = false, unit } = amount;
  const all = knownWhole(amount);
  const [text, ending] = unit === "bytes" ? [sizeText, ""] : [countText, " rows"];
  return `${text(done)}${all === undefined ? "" : ` of ${about ? "about " : ""}${text(all)}`}${ending}`;
}

/** From 0 to 1; undefined where nobody knows. */
export function partOf(amount: Amount): number | undefined {
  const all = knownWhole(amount);
  return all === undefined ? undefined : amount.done / all;
}

/** An estimate that was exceeded tells nothing any more. */
function knownWhole({ done, all }: Amount): number | undefined {
  return all === undefined || all <= 0 || done > all ? undefined : all;
}

function scaled(amount: number, base: number, units: readonly string[]): string {
  let [value, step] = [amount, 0];
  // What would be rounded up to the next unit belongs there.
  while (Math.round(value) >= base && step < units.length - 1) {
    value /= base;
    step += 1;
  }
  const digits = step > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${digits}${units[step] ?? ""}`;
}
