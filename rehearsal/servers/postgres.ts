import { existsSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { withLock } from "./lock";
import { ADMIN, createAdmin, openCluster, SUPERUSER } from "./postgres-cluster";
import { connectSuperuser, HOST, runningPort, startCluster, stopCluster } from "./postgres-process";
import { POSTGRES_MAJORS, type PostgresMajor, type PostgresPrograms, postgresPrograms } from "./postgres-programs";
import { pythonEnvironment } from "./python";
import { reachableFolder, unprivilegedIdentity } from "./unprivileged";

export interface PostgresOptions {
  /** Folder of the rehearsal; the server keeps its data in `postgres-<major>` there. */
  readonly home: string;
  readonly major: PostgresMajor;
  /** Folder of the server's programs; undefined: those that the rehearsal installs. */
  readonly bin?: string | undefined;
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

/** The server of `home`: the one that runs already, in whichever process it was started, or else a newly started one. */
export async function startPostgres({
  home,
  major,
  bin: folder,
  report = () => {},
}: PostgresOptions): Promise<PostgresServer> {
  const environment = await pythonEnvironment({ report });
  const identity = unprivilegedIdentity();
  const place = reachableFolder(home, identity);
  const wait = () => report("Another process is starting PostgreSQL; waiting for it");
  return withLock(environment.python, path.join(place, `postgres-${major}.lock`), wait, async () => {
    const { bin, clients, blank } = await postgresPrograms(environment, { major, folder, place, identity, report });
    const programs = { environment, bin, blank, identity };
    const cluster = await openCluster(path.join(place, `postgres-${major}`), major, programs);
    const port = (await runningPort(cluster)) ?? (await startCluster(cluster, path.join(bin, "postgres")));
    const superuser = await connectSuperuser(cluster, port);
    await createAdmin(superuser, cluster.credentials.adminPassword).finally(() => superuser.end());
    return {
      major,
      host: HOST,
      port,
      database: "postgres",
      adminUser: ADMIN,
      adminPassword: cluster.credentials.adminPassword,
      superuser: { user: SUPERUSER, password: cluster.credentials.superuserPassword },
      programs: clients,
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
  for (const major of POSTGRES_MAJORS) await stopCluster(path.join(place, `postgres-${major}`, "data"));
}
