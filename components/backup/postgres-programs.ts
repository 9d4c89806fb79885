import type { ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { ConnectionTarget } from "../../domain/connection-string";

export type PostgresProgram = "pg_dump" | "pg_restore";

/**
 * The version of a client program found on PATH, as `16.14`.
 *
 * @throws Error that names the program and both versions when it is missing, or of an older major than the server.
 */
export declare function programVersion(
  program: PostgresProgram,
  serverVersion: string,
  env: NodeJS.ProcessEnv,
): Promise<string>;

/** A started program; its password reaches it through the environment, never as an argument. */
export interface RunningProgram {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Settles when it has ended. @throws Error with the program's own words when it failed, was killed or could not start. */
  readonly ended: Promise<void>;
}

export declare function startProgram(
  program: PostgresProgram,
  args: readonly string[],
  target: ConnectionTarget,
  env: NodeJS.ProcessEnv,
  onLine?: (line: string) => void,
): RunningProgram;
