import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Client, DatabaseError } from "pg";
import { OUT_OF_LOCKS } from "../../database/connection";
import { serverEnvironment } from "./blank-cluster";
import { type Cluster, SUPERUSER } from "./postgres-cluster";
import { commandLineOf, isAlive, portOf, startServer, waitFor } from "./process";
import { failureOf, ServerError } from "./server-error";
import { unprivilegedIdentity } from "./unprivileged";

export const HOST = "127.0.0.1";
const START_SECONDS = 60;
const PORT_ATTEMPTS = 5;

const SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: "",
  // What Pulumi.prod.yaml says before its placeholder is replaced: a fleet that fits into it must find them here.
  max_connections: "1600",
  // A killed server recovers without these; only a machine that loses power may not, and then a rehearsal's data can be made again.
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  // A failing CREATE ROLE would be logged with the password in it.
  log_min_error_statement: "panic",
};

/** What majors from 16 on know: a password of a rehearsal is random, and no guess at it has to be made slow along with each login. */
const SINCE_16 = { scram_iterations: "1" };

/** SQLSTATEs of a server that is still starting, or of another one, which does not know the password. */
const NOT_YET_OR_NOT_OURS = ["57P03", "28P01"];

/** The port of the cluster's running server; undefined if none runs. */
export async function runningPort(cluster: Cluster): Promise<number | undefined> {
  const pid = serverPid(cluster.data);
  if (pid === undefined) {
    // Left by a killed server, and its process id may since belong to another process, which would keep PostgreSQL from starting.
    rmSync(path.join(cluster.data, "postmaster.pid"), { force: true });
    return undefined;
  }
  const port = await waitFor(async () => {
    if (!isAlive(pid)) return 0;
    const named = Number(pidFile(cluster.data)[3]);
    const refusal = await refusalOf(cluster, named);
    if (refusal instanceof DatabaseError && !NOT_YET_OR_NOT_OURS.includes(refusal.code ?? "")) {
      throw letsNobodyIn(pid, refusal);
    }
    return refusal === undefined ? named : undefined;
  }, START_SECONDS);
  return port || undefined;
}

function letsNobodyIn(pid: number, { message, code }: DatabaseError): ServerError {
  return new ServerError(
    `PostgreSQL (process ${pid}) runs and lets nobody in: ${message}`,
    `${code === OUT_OF_LOCKS ? "One of its sessions holds more locks than it has room for. " : ""}Stop it, which ends all sessions and ` +
      "keeps the data: npm run rehearse -- stop, with the same --home. Then run the same command again.",
  );
}

/** Starts the cluster's server, on the port it had last: states, parameters and `.env` files name it. Returns the port. */
export async function startCluster(cluster: Cluster, postgres: string): Promise<number> {
  const portFile = path.join(cluster.folder, "port");
  const usual = existsSync(portFile) ? Number(readFileSync(portFile, "utf8")) : 0;
  const logFile = path.join(cluster.folder, "server.log");
  for (let attempt = 1; ; attempt++) {
    const port = await portOf("PostgreSQL", usual);
    const failed = await launch(cluster, postgres, port, logFile);
    if (failed === undefined) {
      writeFileSync(portFile, String(port));
      return port;
    }
    // The port can be taken between the look and the start, and a killed server's last sessions can outlive it by a moment.
    const passing = /address already in use|pre-existing shared memory block/i.test(failed);
    if (!passing || attempt === PORT_ATTEMPTS) {
      throw failureOf(
        "PostgreSQL did not start",
        `Its log is ${logFile}; its last lines are below.`,
        failed,
        cluster.folder,
      );
    }
  }
}

/** Returns undefined once the server answers, else what its log says. */
function launch(cluster: Cluster, postgres: string, port: number, logFile: string): Promise<string | undefined> {
  const known = { ...SETTINGS, ...(cluster.major >= 16 ? SINCE_16 : {}) };
  const settings = Object.entries({ ...known, port: String(port) }).map(([name, value]) => `--${name}=${value}`);
  const identity = unprivilegedIdentity();
  const options = {
    ...identity,
    env: serverEnvironment(),
    logFile,
    seconds: START_SECONDS,
    giveUp: "SIGQUIT",
  } as const;
  return startServer(postgres, ["-D", cluster.data, ...settings], options, () => answers(cluster, port));
}

/** Whether the server on that port is this cluster's own: another one would not know the password, nor name the folder. */
async function answers(cluster: Cluster, port: number): Promise<boolean> {
  return (await refusalOf(cluster, port)) === undefined;
}

/** Why there is no session to be had; undefined if there is one. */
async function refusalOf(cluster: Cluster, port: number): Promise<unknown> {
  try {
    await (await connectSuperuser(cluster, port)).end();
    return undefined;
  } catch (error) {
    return error ?? "unknown";
  }
}

/** A session of the superuser, on this cluster's own server. */
export async function connectSuperuser(cluster: Cluster, port: number): Promise<Client> {
  const password = cluster.credentials.superuserPassword;
  const client = new Client({
    host: HOST,
    port,
    database: "postgres",
    user: SUPERUSER,
    password,
    ssl: false,
    connectionTimeoutMillis: 5000,
  });
  // Without a listener a connection that breaks later would end the process.
  client.on("error", () => {});
  await client.connect();
  const { rows } = await client.query("select current_setting('data_directory') as data");
  if (realpathSync(rows[0].data) === realpathSync(cluster.data)) return client;
  await client.end();
  throw new ServerError(`Port ${port} belongs to another PostgreSQL server`, "Run the same command again.");
}

/** Stops the server that runs on this data folder, if one does. */
export async function stopCluster(data: string): Promise<void> {
  const pid = serverPid(data);
  if (pid === undefined) return;
  // Fast shutdown ends sessions; immediate shutdown is for a server that hangs, and the next start recovers.
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    if (isAlive(pid)) process.kill(pid, signal);
    if (await waitFor(() => (isAlive(pid) ? undefined : true), 30)) return;
  }
  throw new ServerError(
    `PostgreSQL (process ${pid}) does not stop`,
    `End that process, then run the same command again. Its data are in ${data}.`,
  );
}

/** The process id of the server that runs on this data folder. Where the command line is hidden, PostgreSQL's own check has to do. */
function serverPid(data: string): number | undefined {
  const pid = Number(pidFile(data)[0]);
  if (!(pid > 0 && isAlive(pid))) return undefined;
  const command = commandLineOf(pid);
  return command === "" || command.includes(data) ? pid : undefined;
}

/** Lines of postmaster.pid: process id, data folder, start time, port, …; none if no server runs or one was stopped in order. */
function pidFile(data: string): string[] {
  try {
    return readFileSync(path.join(data, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return [];
  }
}
