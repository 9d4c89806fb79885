import type { Check } from "../leak";

/** A statement that has to be refused for want of permission. */
export interface Attempt {
  readonly check: Check;
  /** What refuses it, as `OpenWalls` names walls, the outermost first: where one of them is down, the statement is not tried. */
  readonly walls: readonly [string, ...string[]];
  /** Slug of the tenant that it is directed at; undefined when at the server. */
  readonly victim: string | undefined;
  /** Name of the schema that it is directed at, if it is one. */
  readonly schema?: string;
  /** What it is directed at, as a leak names it. */
  readonly object: string;
  readonly statement: string;
}
