import { UsageError } from "../../domain/usage-error";
import type { StartProgram } from "../engine/program";
import type { StartProcess } from "../protocol/plugin";
import { INSTALLABLE_MAJORS, POSTGRES_MAJORS, type PostgresMajor } from "../servers/postgres-programs";
import type { StartServer } from "../servers/process";

/** What a session is opened with. */
export interface SessionOptions {
  readonly stack: string;
  /** Folder of tenant files; undefined leaves it to the stack's settings. */
  readonly tenants: string | undefined;
  /** Folder of migrations; undefined leaves it to the stack's settings. */
  readonly migrations?: string | undefined;
  readonly home: string;
  /** Undefined: what the home's database is, or for a new one what the environment says, or 16. */
  readonly postgres: PostgresMajor | undefined;
  /** Folder of the PostgreSQL server's programs; undefined: what the home was made with, or what the rehearsal installs. */
  readonly postgresBin: string | undefined;
  /** Whether the stack gets a database server of its own; it has it in any case in a home where it got it. */
  readonly ownDatabase?: boolean;
  /** Real plugins by package name, in the place of the stand-ins. */
  readonly plugins: ReadonlyMap<string, string>;
  /** Whether the Pulumi CLI is to drive; it does in any case in a home that it has driven. */
  readonly cli?: boolean;
  /** Default: each run starts its own, and ends them. */
  readonly processes?: Processes | undefined;
}

/** How the processes of a run are started. */
export interface Processes {
  readonly startProcess: StartProcess;
  readonly startProgram: StartProgram;
  readonly startEmulator: StartServer;
  readonly awsProgram: (installed: string) => Promise<string>;
}

/** The name, which becomes part of file names and URNs. @throws UsageError when it cannot. */
export function checkedStackName(name: string): string {
  if (!/^[A-Za-z0-9_.-]{1,100}$/.test(name) || /^\.+$/.test(name)) {
    throw new UsageError(`--stack ${JSON.stringify(name)}: a stack's name has letters, digits, ".", "_" and "-" only`);
  }
  return name;
}

/**
 * @param source Where the text was written, for the message.
 * @throws UsageError when it is no major that the rehearsal has.
 */
export function majorVersion(source: string, text: string | undefined): PostgresMajor | undefined {
  if (text === undefined) return undefined;
  const major = POSTGRES_MAJORS.find((known) => String(known) === text);
  if (major !== undefined) return major;
  throw new UsageError(
    `${source} ${JSON.stringify(text)}: the rehearsal has PostgreSQL ${INSTALLABLE_MAJORS.join(", ")}, and takes what else is supported from a folder (--postgres-bin)`,
  );
}
