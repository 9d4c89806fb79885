import type { Check } from "../leak";

/** A statement that has to be refused for want of permission. */
export interface Attempt {
  readonly check: Check;
  /** The wall that refuses it, as `OpenWalls` names them: where that one is down, the statement is not tried. */
  readonly wall: string;
  /** Slug of the tenant that it is directed at; undefined when at the server. */
  readonly victim: string | undefined;
  /** What it is directed at, as a leak names it. */
  readonly object: string;
  readonly statement: string;
}
