import { type ParseArgsConfig, parseArgs } from "node:util";
import { STACK_PATTERN } from "../domain/names";
import { UsageError } from "../domain/usage-error";

const DEFAULT_STACK = "prod";
const DEFAULT_HOME = ".rehearsal";

/** Which stack a command works on, and where. */
export interface StackOptions {
  readonly stack: string;
  /** Work on the rehearsal in that home, and not on production. */
  readonly rehearsal: RehearsalPlace | undefined;
  /** Print JSON, and not tables for people. */
  readonly json: boolean;
}

export interface RehearsalPlace {
  readonly home: string;
  /** Folder of tenant files; undefined leaves it to the stack's settings. */
  readonly tenants: string | undefined;
}

/** Options that every command takes; for its usage text. */
export const STACK_USAGE = `  --stack NAME         stack to work on (default ${DEFAULT_STACK})
  --rehearsal          work on the rehearsal on this machine, and not on production
  --home DIR           folder of that rehearsal's data (default ${DEFAULT_HOME}); implies --rehearsal
  --tenants DIR        with --rehearsal: folder of tenant files (default: what the stack's settings say)
  --json               print JSON
  --help               print this
`;

const SHARED = {
  stack: { type: "string", default: DEFAULT_STACK },
  rehearsal: { type: "boolean", default: false },
  home: { type: "string" },
  tenants: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type OptionDefinitions = NonNullable<ParseArgsConfig["options"]>;
type Values<Own extends OptionDefinitions> = ReturnType<
  typeof parseArgs<{ options: Own & typeof SHARED; allowPositionals: true; strict: true }>
>["values"];

export interface CommandLine<Own extends OptionDefinitions> {
  readonly options: StackOptions;
  /** The options that only this command takes, and the shared ones as they were written. */
  readonly values: Values<Own>;
  readonly positionals: readonly string[];
}

/**
 * Reads a command line with the options that all commands share and those of one's own.
 *
 * @returns "help" when that is what was asked for.
 * @throws UsageError
 */
export function parseCommandLine<Own extends OptionDefinitions>(
  argv: readonly string[],
  own: Own,
): CommandLine<Own> | "help" {
  const { values, positionals } = parsed(argv, { ...own, ...SHARED });
  if (values.help) return "help";
  const { stack = DEFAULT_STACK, home, tenants, json = false, rehearsal = false } = values;
  if (!STACK_PATTERN.test(stack) || /^\.+$/.test(stack)) {
    throw new UsageError(`--stack ${JSON.stringify(stack)}: a stack's name has letters, digits, ".", "_" and "-" only`);
  }
  const rehearsed = rehearsal || home !== undefined;
  if (tenants !== undefined && !rehearsed) {
    throw new UsageError(
      "--tenants is for a rehearsal; in production the setting b2b-tenants:tenantsDir names the folder",
    );
  }
  return {
    options: { stack, rehearsal: rehearsed ? { home: home ?? DEFAULT_HOME, tenants } : undefined, json },
    values: values as unknown as Values<Own>,
    positionals,
  };
}

/** The options that a command to be run next must repeat to mean the same stack and place. */
export function optionsToRepeat({ stack, rehearsal }: StackOptions): string {
  const place =
    rehearsal === undefined
      ? []
      : [
          ...(rehearsal.home === DEFAULT_HOME ? ["--rehearsal"] : ["--home", rehearsal.home]),
          ...(rehearsal.tenants === undefined ? [] : ["--tenants", rehearsal.tenants]),
        ];
  return ["--stack", stack, ...place].join(" ");
}

function parsed(argv: readonly string[], options: typeof SHARED) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
