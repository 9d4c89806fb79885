import type { Tasks } from "./live-lines";

/**
 * Exit status of a command. 0: it is done. 1: something does not hold, or could not be done. 2: the usage, the settings or the tenant
 * files are wrong.
 */
export type Status = 0 | 1 | 2;

/** What a command writes to: results to `print`, progress and warnings to `report`. */
export interface Output {
  print(text: string): void;
  report(line: string): void;
  /** What is told of long work while it goes on, where somebody looks at it; elsewhere undefined, and `report` tells of its steps. */
  readonly tasks?: Tasks;
}
