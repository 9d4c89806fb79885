import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { Client } from "pg";
import type { PostgresServer } from "../../rehearsal/servers/postgres";

/** @returns Seconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** What one command took, in seconds. */
export interface CommandCost {
  readonly wall: number;
  /** Of the command and all that it started and waited for. */
  readonly cpu: number;
}

/**
 * Runs a command until it ends. bash adds up what the command and its descendants have used.
 *
 * @throws Error with all that it printed, if it fails.
 */
export async function timedCommand(
  words: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<CommandCost & { readonly stdout: string }> {
  const child = spawn("/bin/bash", ["-c", 'TIMEFORMAT="%R %U %S"; time "$@"', "-", ...words], {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  if (child.exitCode !== 0) throw new Error(`${words.join(" ")} failed: ${stdout}${stderr}`);
  const [wall = 0, user = 0, system = 0] = (stderr.trimEnd().split("\n").at(-1) ?? "").split(" ").map(Number);
  return { wall, cpu: user + system, stdout };
}

/** A session that may do everything. */
export async function asSuperuser<T>(postgres: PostgresServer, work: (client: Client) => Promise<T>): Promise<T> {
  const { host, port, database, superuser } = postgres;
  const client = new Client({ host, port, database, ...superuser, ssl: false });
  await client.connect();
  return work(client).finally(() => client.end());
}

/** A program of PostgreSQL's, as the superuser. */
export async function runProgram(postgres: PostgresServer, program: string, args: string[]): Promise<void> {
  const child = spawn(program, args, { env: superuserEnvironment(postgres), stdio: "inherit" });
  const [status] = await once(child, "exit");
  if (status !== 0) throw new Error(`${program} ended with status ${status}`);
}

/** What PostgreSQL's programs log in with. */
export function superuserEnvironment({ host, port, superuser }: PostgresServer): NodeJS.ProcessEnv {
  return { ...process.env, PGHOST: host, PGPORT: String(port), PGUSER: superuser.user, PGPASSWORD: superuser.password };
}
