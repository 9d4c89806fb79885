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
  /** Folder of migrations; undefined leaves it to the stack's settings. */
  readonly migrations?: string | undefined;
}

/** The options that the next command must repeat to mean the same stack and place. */
export function optionsToRepeat({ stack, rehearsal }: Omit<StackOptions, "json">): string {
  return `--stack ${stack}${placeToRepeat(rehearsal)}`;
}

/** The options that name the place, each after a space; none for production. */
export function placeToRepeat(rehearsal: RehearsalPlace | undefined): string {
  if (rehearsal === undefined) return "";
  const { home, tenants, migrations } = rehearsal;
  const place = home === DEFAULT_HOME ? " --rehearsal" : ` --home ${home}`;
  const folders = Object.entries({ tenants, migrations }).map(([option, folder]) => folder && ` --${option} ${folder}`);
  return [place, ...folders].filter(Boolean).join("");
}
