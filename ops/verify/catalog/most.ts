import type { Leak } from "../leak";

/** Things of one kind that one role's doing is told with: whoever makes thousands of them is not to keep the reading from its end. */
export const MOST = 1000;

/** Of rows that `numbered` counts. */
export interface Numbered {
  readonly nth: number;
  readonly total: number;
}

/** SQL of `nth` and `total`. What is beyond `MOST` is left out before it is looked at any closer. */
export function numbered(by: string, order: string): string {
  return `row_number() over (partition by ${by} order by ${order})::integer as nth, count(*) over (partition by ${by})::integer as total`;
}

/** The last one that is told tells how many more there are. */
export function withTheRest(leak: Leak, { nth, total }: Numbered, most = MOST): Leak {
  if (nth !== most || total <= most) return leak;
  return {
    ...leak,
    object: `${leak.object} and ${total - most} more`,
    hint: "close those that are told, and look again for the rest",
  };
}
