import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { Client } from "pg";
import type { PostgresServer } from "../../rehearsal/servers/postgres";
import { waitFor } from "../../rehearsal/servers/process";

/** Where a removal is to go wrong. */
export interface Scene {
  /** A folder for what a fault needs. */
  readonly folder: string;
  readonly postgres: PostgresServer;
  readonly schema: string;
  /** Stops the server and starts it again on the same port. */
  restart(): Promise<void>;
}

/** What a fault changes about a removal. */
export interface Arranged {
  /** Laid over the environment that the removal is given. */
  readonly env?: NodeJS.ProcessEnv;
  readonly destination?: string;
  /** No file may grow beyond this many KiB: for a writer the same as a disk that is full. */
  readonly fileLimit?: number;
  /** Whether the removal is a process of its own: limits are a process's, and AWS's clients look at its environment. */
  readonly ownProcess?: boolean;
  /** Whether it is found out before the tenant is disturbed. */
  readonly unfenced?: boolean;
  /** What happens while the removal runs. */
  readonly meanwhile?: () => Promise<void>;
  /** Takes the fault away. */
  readonly end?: () => Promise<void>;
}

export interface Fault {
  readonly name: string;
  /** What the one message has to say. */
  readonly message: RegExp;
  arrange(scene: Scene): Promise<Arranged>;
}

/** All that may go wrong with a removal. In none of these cases may anything be dropped, or the tenant stay shut out. */
export const FAULTS: readonly Fault[] = [
  {
    name: "the destination cannot be written to",
    message: /cannot write to the folder \/proc\/backups: .*; name a folder in b2b-tenants:backups destination/,
    arrange: async () => ({ destination: "/proc/backups" }),
  },
  {
    name: "the disk is full",
    message: /cannot write .*backup_.*\.dump: EFBIG: .*; free space there/,
    arrange: async () => ({ fileLimit: 1024, ownProcess: true }),
  },
  {
    name: "S3 refuses",
    message: /s3:\/\/backups\/tenants\/backup_.*AccessDenied.*s3:PutObject/s,
    arrange: () => withS3(refuse),
  },
  {
    name: "S3 dies in the middle of an upload",
    message: /s3:\/\/backups\/tenants\/backup_.*(ECONNRESET|socket hang up|closed)/s,
    arrange: () => withS3((request) => request.once("data", () => request.socket.destroy())),
  },
  {
    name: "there is no pg_dump",
    message: /pg_dump .*PATH.*install postgresql-client-1[68]/,
    arrange: async ({ folder, postgres }) => ({
      env: { PATH: bare(folder, { pg_restore: `exec ${postgres.programs.pg_restore} "$@"` }) },
    }),
  },
  {
    name: "pg_dump is too old",
    message: /pg_dump 15\.4 on PATH is too old for the server's PostgreSQL 1[68]\.\d+; install/,
    arrange: async (scene) => ({
      env: { PATH: wrapped(scene, { pg_dump: "echo 'pg_dump (PostgreSQL) 15.4'" }) },
    }),
  },
  {
    name: "the programs are newer than the server stands",
    message:
      /pg_restore 18\.4 on PATH is too new for the server's PostgreSQL 16\.\d+, which does not know a setting .*; install/,
    arrange: async ({ postgres }) => {
      // Those of the other major that the rehearsal's package has.
      const newer = dirname(postgres.programs.pg_dump).replace("/pginstall/", "/pginstall18/");
      return { env: { PATH: [newer, process.env.PATH].join(delimiter) }, unfenced: true };
    },
  },
  {
    name: "pg_dump is killed",
    message: /pg_dump of schema_\w+: pg_dump .*(SIGKILL|killed)/,
    arrange: async (scene) => ({
      env: { PATH: wrapped(scene, { pg_dump: `${dumping(scene)} | head -c 2000; kill -9 $$` }) },
    }),
  },
  {
    name: "the admin's password is wrong",
    message: /cannot log in as postgres .*password authentication failed.*b2b-tenants:adminPassword/,
    arrange: async ({ postgres }) => {
      await asSuperuser(postgres, `alter role ${postgres.adminUser} password 'changed-meanwhile'`);
      const { adminUser, adminPassword } = postgres;
      return { end: () => asSuperuser(postgres, `alter role ${adminUser} password '${adminPassword}'`) };
    },
  },
  {
    name: "the server restarts while it is dumped",
    message: /the session that kept the tables locked: /,
    arrange: async (scene) => {
      const at = mkdtempSync(join(scene.folder, "pipe-"));
      const [begun, go] = [join(at, "begun"), join(at, "go")];
      execFileSync("mkfifo", [go]);
      const pg_dump = `${asked(scene)}touch ${begun}; read -r _ < ${go}; exec ${real(scene.postgres)} "$@"`;
      return {
        env: { PATH: wrapped(scene, { pg_dump }) },
        meanwhile: async () => {
          await waitFor(() => existsSync(begun) || undefined, 60);
          await scene.restart();
          // Opened like that, a pipe does not wait for its reader, who may have been killed.
          await writeFile(go, "\n", { flag: "r+" });
        },
      };
    },
  },
  {
    name: "a table is locked by an open transaction of somebody else's",
    message: /table \w+: .*lock timeout; it is held by session \d+ of rdsadmin.*pg_terminate_backend/,
    arrange: async ({ postgres, schema }) => {
      const { host, port, database, superuser } = postgres;
      const client = new Client({ host, port, database, ...superuser, ssl: false });
      await client.connect();
      await client.query(`begin; lock table ${schema}.orders in access exclusive mode`);
      return { end: () => client.end() };
    },
  },
  {
    name: "the archive is truncated",
    message: /the backup \S+backup_\w+\.dump, which stays there for you to look at, is not good: pg_restore/,
    arrange: async (scene) => ({ env: { PATH: wrapped(scene, { pg_dump: `${dumping(scene)} | head -c 4000` }) } }),
  },
  {
    name: "the restored copy has another content",
    message: /is not good: its copy differs from the tenant's data: table orders: other content \(checksum\)/,
    arrange: async (scene) => {
      const { postgres, schema } = scene;
      const change = `${postgres.programs.psql} -q -c "update ${schema}.orders set notes = 'other' where id = 1"`;
      const restore = `${postgres.programs.pg_restore} "$@" && case "$1" in --version) ;; *) ${change};; esac`;
      return { env: { PATH: wrapped(scene, { pg_restore: restore }) } };
    },
  },
];

function real({ programs }: PostgresServer): string {
  return programs.pg_dump;
}

/** The first thing that is asked of a program, its version, answered as the real one does. */
function asked({ postgres }: Scene): string {
  return `case "$1" in --version) exec ${real(postgres)} "$@";; esac; `;
}

function dumping(scene: Scene): string {
  return `${asked(scene)}${real(scene.postgres)} "$@"`;
}

/** A PATH on which these shell scripts stand before everything else. */
function wrapped({ folder, postgres }: Scene, scripts: Readonly<Record<string, string>>): string {
  return [scriptsIn(folder, scripts), dirname(real(postgres)), process.env.PATH].join(delimiter);
}

/** A PATH that has these shell scripts, what they and a deployment need, and nothing more. */
function bare(folder: string, scripts: Readonly<Record<string, string>>): string {
  const place = scriptsIn(folder, scripts);
  symlinkSync(process.execPath, join(place, "node"));
  for (const name of ["bash", "sh", "env"]) symlinkSync(`/usr/bin/${name}`, join(place, name));
  return place;
}

function scriptsIn(folder: string, scripts: Readonly<Record<string, string>>): string {
  const place = mkdtempSync(join(folder, "programs-"));
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(place, name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  }
  return place;
}

async function asSuperuser({ host, port, database, superuser }: PostgresServer, statement: string): Promise<void> {
  const client = new Client({ host, port, database, ...superuser, ssl: false });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** A bucket that is there, and empty; `answer` is what becomes of whatever is written to it. */
async function withS3(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Arranged> {
  const server = createServer((request, response) => {
    if (request.method === "HEAD") response.end();
    else if (request.url?.includes("list-type=2")) response.end("<ListBucketResult></ListBucketResult>");
    else if (request.method === "GET") refuseAs(response, 404, "NoSuchKey");
    else answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const keys = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "hidden" };
  return {
    destination: "s3://backups/tenants",
    ownProcess: true,
    env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, ...keys },
    end: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  request.resume().on("end", () => refuseAs(response, 403, "AccessDenied"));
}

function refuseAs(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<Error><Code>${code}</Code><Message>Refused</Message></Error>`);
}
