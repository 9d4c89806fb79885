import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import type { ConnectionTarget } from "../../domain/connection-string";
import { printable } from "../../domain/printable";
import { SINCE } from "../server-version";
import { programOptions } from "../session-options";
import { LastLines } from "./last-lines";
import { type LockPatience, waitsTooLong } from "./lock-watch";

export type PostgresProgram = "pg_dump" | "pg_restore";

/** Lines of its own words that a failure is told with. */
const TOLD_LINES = 12;

/**
 * The version of a client program found on PATH, for example `16.14`.
 *
 * @throws Error that names the program and both versions when it is missing, or of a major that does not go with the server's.
 */
export async function programVersion(
  program: PostgresProgram,
  serverVersion: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const serverMajor = Number.parseInt(serverVersion, 10);
  const orNewer = serverMajor < SINCE.transactionTimeout ? "" : " or newer";
  const advice = `install postgresql-client-${serverMajor}${orNewer}, and put its folder first on PATH`;
  const answer = await firstWords(program, env).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}; ${advice}`);
  });
  const version = /^\S+ \(PostgreSQL\) (\d+\S*)/.exec(answer)?.[1];
  if (version === undefined) {
    throw new Error(`${program} on PATH does not tell its version, but says: ${printable(answer)}; ${advice}`);
  }
  const major = Number.parseInt(version, 10);
  // PostgreSQL's own rule: a newer program reads an older server, never the other way round.
  if (major < serverMajor) {
    throw new Error(`${program} ${version} on PATH is too old for the server's PostgreSQL ${serverVersion}; ${advice}`);
  }
  if (major >= SINCE.transactionTimeout && serverMajor < SINCE.transactionTimeout) {
    throw new Error(
      `${program} ${version} on PATH is too new for the server's PostgreSQL ${serverVersion}, which does not know a setting that ` +
        `pg_restore sends from ${SINCE.transactionTimeout} on (transaction_timeout); ${advice}`,
    );
  }
  return version;
}

/** @throws Error when what one of them writes the other may not be able to read. */
export function refuseMixedMajors(pgDump: string, pgRestore: string): void {
  if (Number.parseInt(pgDump, 10) === Number.parseInt(pgRestore, 10)) return;
  throw new Error(
    `pg_dump ${pgDump} and pg_restore ${pgRestore} on PATH are of different majors: put one folder with both first on PATH`,
  );
}

/** A started program; its password reaches it through the environment, never as an argument. */
export interface RunningProgram {
  /**
   * To stop the program, call `child.kill()`: it leaves its transaction to be rolled back, and `ended` rejects. Whoever writes to
   * its stdin need not heed the stream's errors: a program that ends early says why through `ended`.
   */
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /**
   * Settles when it has ended and all it wrote was read; so its stdout has to be read. May be awaited late.
   *
   * @throws Error with the program's own words when it failed, was killed or could not start.
   */
  readonly ended: Promise<void>;
}

/**
 * Starts a program against the server of `target`.
 *
 * @param env Of the person who runs this. Their own PostgreSQL variables do not reach the program.
 * @param onLine Told each line that the program writes to stderr, as with `--verbose`; fit for a terminal.
 * @param patience How long it may wait for somebody's lock, which ends it; default a minute.
 */
export function startProgram(
  program: PostgresProgram,
  args: readonly string[],
  target: ConnectionTarget,
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void = () => {},
  patience?: LockPatience,
): RunningProgram {
  const application = `b2b-tenants ${program} ${randomUUID()}`;
  const child = spawn(program, args, {
    env: { ...programEnvironment(env), ...connectionEnvironment(target, env), PGAPPNAME: application },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A program that has ended breaks the pipe; unheard, that would end this process too.
  child.stdin.on("error", () => {});
  const done = new AbortController();
  let blocked: string | undefined;
  void waitsTooLong(target, application, done.signal, patience).then((reason) => {
    blocked = reason;
    if (reason !== undefined) child.kill();
  });
  const ended = end(program, child, onLine)
    .catch((error: Error) => {
      throw blocked === undefined ? error : new Error(`${program} was ended: ${blocked}`);
    })
    .finally(() => done.abort());
  // The caller may still be busy with the streams when it fails.
  ended.catch(() => {});
  return { child, ended };
}

function firstWords(program: PostgresProgram, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(program, ["--version"], { env: programEnvironment(env), stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  child.stdout.on("data", (chunk: Buffer) => {
    words += chunk;
  });
  return end(program, child, () => {}).then(() => words);
}

async function end(
  program: PostgresProgram,
  child: ChildProcessByStdio<Writable | null, Readable, Readable>,
  onLine: (line: string) => void,
): Promise<void> {
  const words = new LastLines(program, TOLD_LINES, (line) => onLine(printable(line)));
  child.stderr.on("data", (chunk: Buffer) => words.add(chunk));
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => reject(startFailure(program, error)));
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
  const lines = words.end().map(printable);
  if (code === 0) return;
  const how = signal ? `was killed (${signal})` : `failed with exit status ${code}`;
  throw new Error([`${program} ${how}`, ...(lines.length > 0 ? [lines.join("; ")] : [])].join(": "));
}

function startFailure(program: PostgresProgram, error: NodeJS.ErrnoException): Error {
  if (error.code === "ENOENT") return new Error(`${program} is not in any folder of PATH`);
  return new Error(`${program} cannot be started: ${error.code ?? error.message}`);
}

/** Messages in English, times in UTC, and nothing of this process that the program does not need. */
function programEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PATH, HOME, LD_LIBRARY_PATH } = env;
  return defined({ PATH: PATH ?? "", HOME, LD_LIBRARY_PATH, LC_ALL: "C", TZ: "UTC" });
}

function connectionEnvironment(target: ConnectionTarget, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return defined({
    PGHOST: target.host,
    PGPORT: String(target.port),
    PGUSER: target.user,
    PGDATABASE: target.database,
    PGPASSWORD: target.password,
    PGSSLMODE: target.sslmode,
    PGSSLROOTCERT: rootCertificates(target, env),
    PGOPTIONS: programOptions(target),
    PGCONNECT_TIMEOUT: "10",
  });
}

/** As this process's own sessions trust. libpq would check the server under `require` too, if it were given certificates. */
function rootCertificates({ sslmode }: ConnectionTarget, env: NodeJS.ProcessEnv): string | undefined {
  if (sslmode !== "verify-ca" && sslmode !== "verify-full") return undefined;
  // libpq takes the system's certificates only where it also compares names.
  return env.PGSSLROOTCERT || env.NODE_EXTRA_CA_CERTS || (sslmode === "verify-full" ? "system" : undefined);
}

function defined(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
}
