import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "pg";
import { type PostgresServer, startPostgres } from "../../rehearsal/servers/postgres";
import { majorOfFolder, type PostgresMajor } from "../../rehearsal/servers/postgres-programs";

/** A fresh server for one test file, and a session of its admin. */
export interface TestServer {
  readonly server: PostgresServer;
  readonly admin: Client;
  /** Ends every session, the admin's too, which is replaced. */
  restart(): Promise<void>;
  remove(): Promise<void>;
}

/** Ways of carrying out a query, to be turned off: none may count on a plan. Read whole, the catalogs of 14 have rows for objects without a name. */
export const PLANS_OFF = ["nestloop", "indexscan", "indexonlyscan", "bitmapscan"].map((way) => `enable_${way}`);

/** Of another server than those that are installed: what is tried on several majors is tried on that one alone. */
const FOLDER = process.env.REHEARSAL_POSTGRES_BIN;
const MAJOR_OF_FOLDER = FOLDER === undefined ? undefined : majorOfFolder(FOLDER);

/** The majors to try something on: these, or the one of the folder that the environment names. */
export function triedMajors(majors: readonly PostgresMajor[]): readonly PostgresMajor[] {
  return MAJOR_OF_FOLDER === undefined ? majors : [MAJOR_OF_FOLDER];
}

/** An extension of those servers, named as its type is: PyPI's programs bring this one along, others those of PostgreSQL itself. */
export const EXTENSION = FOLDER === undefined ? "vector" : "cube";

/** Starts a server of its own in a scratch folder. */
export async function freshServer(major: PostgresMajor): Promise<TestServer> {
  const home = mkdtempSync(path.join(tmpdir(), "stand-in-test-"));
  // PostgreSQL may run as another user than the tests do, and has to reach its data.
  chmodSync(home, 0o711);
  const start = () => startPostgres({ home, major, bin: major === MAJOR_OF_FOLDER ? FOLDER : undefined });
  const server = await start();
  const logIn = () => session(server, server.adminUser, server.adminPassword);
  let admin = await logIn();
  return {
    server,
    get admin() {
      return admin;
    },
    restart: async () => {
      await admin.end();
      await server.stop();
      await start();
      admin = await logIn();
    },
    remove: async () => {
      await admin.end();
      await server.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A session of some role of that server. */
export async function session(
  { host, port, database }: PostgresServer,
  user: string,
  password: string,
): Promise<Client> {
  const client = new Client({ host, port, database, user, password, ssl: false });
  await client.connect();
  return client;
}

/** The provider arguments that reach that server as its admin, as they travel in the protocol. */
export function providerArguments(server: PostgresServer): Record<string, string> {
  return {
    connectTimeout: "10",
    database: server.database,
    host: server.host,
    password: server.adminPassword,
    port: String(server.port),
    sslmode: "disable",
    superuser: "false",
    username: server.adminUser,
    version: "3.18.1",
  };
}
