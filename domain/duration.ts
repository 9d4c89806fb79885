const UNIT_MILLISECONDS = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 } as const;

/** PostgreSQL keeps its timeouts in a signed 32-bit integer of milliseconds: about 24.8 days. */
const MAX_MILLISECONDS = 2_147_483_647;

/** A whole number and a unit, in PostgreSQL's own spelling of units. */
export const DURATION_PATTERN = /^(0|[1-9][0-9]{0,9})(ms|s|min|h)$/;

/** What an error says is allowed. */
export const DURATION_ALLOWED =
  "a whole number and ms, s, min or h, for example 30s or 5min, at most 596h; 0s means no limit";

/** Milliseconds of a duration such as `30s` or `5min`; undefined if the text is none, or is more than PostgreSQL can hold. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = DURATION_PATTERN.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const milliseconds = Number(amount) * UNIT_MILLISECONDS[unit as keyof typeof UNIT_MILLISECONDS];
  return milliseconds <= MAX_MILLISECONDS ? milliseconds : undefined;
}
