import { spawn } from "node:child_process";
import { once } from "node:events";
import { Client } from "pg";
import type { PostgresServer } from "../../rehearsal/servers/postgres";

/** @returns Seconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
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
