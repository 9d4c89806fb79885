/** The stack and place of a command when its options name none. */
export const DEFAULT_STACK = "prod";
export const DEFAULT_HOME = ".rehearsal";

/** Which stack a command works on, and where. */
export interface StackOptions {
  readonly stack: string;
  /** The rehearsal to work on; undefined means production. */
  readonly rehearsal: RehearsalPlace | undefined;
  /** Print JSON instead of tables for people. */
  readonly json: boolean;
}

export interface RehearsalPlace {
  readonly home: string;
  /** Folder of tenant files; undefined leaves it to the stack's settings. */
  readonly tenants: string | undefined;
}

/** The options that the next command must repeat to mean the same stack and place. */
export function optionsToRepeat({ stack, rehearsal }: Omit<StackOptions, "json">): string {
  const options = ["--stack", stack];
  if (rehearsal !== undefined) {
    options.push(...(rehearsal.home === DEFAULT_HOME ? ["--rehearsal"] : ["--home", rehearsal.home]));
    if (rehearsal.tenants !== undefined) options.push("--tenants", rehearsal.tenants);
  }
  return options.join(" ");
}
