/** What all commands have in common: how they are parsed, and the options that name a stack. */
import { Command, Help } from "commander";
import { STACK_PATTERN } from "../domain/names";
import { UsageError } from "../domain/usage-error";
import type { Output, Status } from "../ops/output";
import { DEFAULT_HOME, DEFAULT_STACK, type RehearsalPlace, type StackOptions } from "../ops/stack/stack-options";
import { OUTPUT } from "./run-command";

const HELP_WIDTH = 100;

type Run<Values> = (values: Values, args: readonly string[], output: Output) => Status | Promise<Status>;

/**
 * A command that throws a CommanderError where commander would end the process.
 *
 * @param run Gets the values of the options and the arguments; its result becomes the exit status of the process.
 */
export function newCommand<Values extends object = object>(name: string, run?: Run<Values>): Command {
  const command = new Command(name)
    .exitOverride()
    .allowExcessArguments(true)
    .configureOutput({ writeErr: () => {} })
    .configureHelp({ helpWidth: HELP_WIDTH, formatItem })
    .helpOption("--help", "print this");
  if (run === undefined) return command.helpCommand("help [command]", "print the help of a command");
  return command.action(async () => {
    process.exitCode = await run(command.opts() as Values, command.args, OUTPUT);
  });
}

/** Descriptions stand in one column for all commands, so that the shared options look the same everywhere. */
function formatItem(this: Help, term: string, termWidth: number, description: string, helper: Help): string {
  return Help.prototype.formatItem.call(this, term, Math.max(termWidth, 24), description, helper);
}

/** What commander makes of the options that name a rehearsal. */
export interface PlaceValues {
  readonly rehearsal?: boolean;
  readonly home?: string;
  readonly tenants?: string;
  readonly migrations?: string;
}

/** What commander makes of the shared options. */
export interface StackValues extends PlaceValues {
  readonly stack: string;
  readonly json?: boolean;
}

/** A command that works on one stack, with the options that all of these share. */
export function newStackCommand<Values extends StackValues>(name: string, run: Run<Values>): Command {
  const command = newCommand<Values>(name, run).option("--stack <NAME>", "stack to work on", DEFAULT_STACK);
  return withPlaceOptions(command, "the stack's setting").option("--json", "print JSON");
}

/**
 * Adds the options that `rehearsalPlace` reads.
 *
 * @param byDefault Whose settings name the folders that are not given.
 */
export function withPlaceOptions(command: Command, byDefault: string): Command {
  return command
    .option("--rehearsal", "work on the rehearsal on this machine instead of production")
    .option("--home <DIR>", `folder of that rehearsal's data (default: "${DEFAULT_HOME}"); implies --rehearsal`)
    .option("--tenants <DIR>", `with --rehearsal: folder of tenant files (default: ${byDefault} tenantsDir)`)
    .option("--migrations <DIR>", `with --rehearsal: folder of migrations (default: ${byDefault} migrations.folder)`);
}

/** @throws UsageError */
export function stackOptions({ stack, json, ...place }: StackValues): StackOptions {
  if (!STACK_PATTERN.test(stack) || /^\.+$/.test(stack)) {
    throw new UsageError(`--stack ${JSON.stringify(stack)}: a stack's name has letters, digits, ".", "_" and "-" only`);
  }
  return { stack, rehearsal: rehearsalPlace(place), json: json ?? false };
}

/** The rehearsal that options name; undefined means production. @throws UsageError */
export function rehearsalPlace({ rehearsal, home, tenants, migrations }: PlaceValues): RehearsalPlace | undefined {
  if (rehearsal === true || home !== undefined) return { home: home ?? DEFAULT_HOME, tenants, migrations };
  if (tenants !== undefined) {
    throw new UsageError(
      "--tenants is for a rehearsal; in production the setting b2b-tenants:tenantsDir names the folder",
    );
  }
  if (migrations !== undefined) {
    throw new UsageError(
      "--migrations is for a rehearsal; in production the setting b2b-tenants:migrations names the folder",
    );
  }
  return undefined;
}

/** @throws UsageError when a command that works on one stack was given an argument, for example the stack's name. */
export function takesNoArguments(name: string, args: readonly string[]): void {
  if (args.length > 0) throw new UsageError(`${name} takes no "${args.join(" ")}"; the stack is named with --stack`);
}
