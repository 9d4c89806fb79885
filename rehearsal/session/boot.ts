import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readEnvironment } from "../../ops/stack/tenant-environment";
import { instanceCredentials, runningInstance, type ServerInstance, userData } from "../servers/instances";
import { runToEnd } from "../servers/process";
import type { Session } from "./session";

/** What booting needs of a session. */
export type BootSession = Pick<Session, "home" | "moto" | "region" | "stack" | "environment">;

/** A tenant's server after it ran what it runs at boot, or at a tick of its timer. */
export interface BootedServer {
  readonly instanceId: string;
  /** The folder that is the server's whole disk here. */
  readonly disk: string;
  /** The `.env` it wrote. */
  readonly envFile: string;
  /** Its variables. Where it names a pooler, which a rehearsal does not run, this names the database. */
  readonly env: Readonly<Record<string, string>>;
  /** Arguments of every call of `systemctl` since this disk's first boot, one call a line, for example `restart backend`. */
  readonly systemctl: readonly string[];
}

const INSTANCE_ID = "var/lib/cloud/data/instance-id";
const USER_DATA = "var/lib/cloud/instance/user-data.txt";
const ENV_SCRIPT = "usr/local/sbin/b2b-tenants-env";
const SYSTEMCTL_LOG = "var/log/systemctl.log";

/** A rehearsal has no services: it notes what it was asked, and runs what the user data start. */
const SYSTEMCTL_STUB = `#!/bin/bash
mkdir -p "$DESTDIR/var/log"
printf '%s\\n' "$*" >>"$DESTDIR/${SYSTEMCTL_LOG}"
[ "$*" != "start --no-block b2b-tenants-env.service" ] || exec "$DESTDIR/${ENV_SCRIPT}"
`;

/** Of what a pooler needs, only the files are made: no user of this machine, and nothing that listens. */
const POOLER_STUBS = { pgbouncer: 'echo "PgBouncer 1.24.1"', useradd: "", chgrp: "" };
const POOLER_SETTINGS = "etc/b2b-tenants-pooler/pgbouncer.ini";

/** Where the installed script puts the `.env`, by its own configuration. */
const ENV_FILE_QUESTION = `
. "$DESTDIR/etc/b2b-tenants/server.conf"
case "$env_file" in "~/"*) env_file="$(getent passwd "$owner" | cut -d: -f6)/\${env_file#"~/"}" ;; esac
printf %s "$DESTDIR$env_file"
`;

/**
 * Boots a tenant's server: really runs the user data of its instance, with the instance's own credentials, on a disk that is
 * a folder of the home. A server that was replaced starts with an empty disk.
 */
export async function boot(session: BootSession, slug: string): Promise<BootedServer> {
  const server = await runningInstance(session, slug);
  const disk = diskOf(session, slug);
  // The disks hold what is root's alone on a real server.
  mkdirSync(path.dirname(disk), { recursive: true, mode: 0o700 });
  if (!isDiskOf(disk, server)) rmSync(disk, { recursive: true, force: true });
  write(path.join(disk, INSTANCE_ID), `${server.id}\n`, 0o644);
  const script = path.join(disk, USER_DATA);
  write(script, await userData(session, server), 0o700);
  return run(session, slug, server, disk, script);
}

/** Runs once more what the timer of a booted server runs: it fetches the parameters as they are now. */
export async function tick(session: BootSession, slug: string): Promise<BootedServer> {
  const server = await runningInstance(session, slug);
  const disk = diskOf(session, slug);
  const script = path.join(disk, ENV_SCRIPT);
  if (!isDiskOf(disk, server) || !existsSync(script)) {
    throw new Error(`the server of "${slug}" has not booted yet; run: npm run rehearse -- boot ${slug}`);
  }
  return run(session, slug, server, disk, script);
}

function diskOf(session: BootSession, slug: string): string {
  return path.join(session.home.path, "servers", slug);
}

function isDiskOf(disk: string, server: ServerInstance): boolean {
  const file = path.join(disk, INSTANCE_ID);
  return existsSync(file) && readFileSync(file, "utf8").trim() === server.id;
}

async function run(
  session: BootSession,
  slug: string,
  server: ServerInstance,
  disk: string,
  script: string,
): Promise<BootedServer> {
  const env = await environment(session, server, disk);
  const ran = await runToEnd("bash", [script], { env, cwd: disk });
  if (ran.code !== 0) {
    throw new Error(
      `the boot script of "${slug}" failed with status ${ran.code}: ${ran.words.trim() || "it printed nothing"}`,
    );
  }
  const { stdout: envFile } = await runToEnd("bash", ["-c", ENV_FILE_QUESTION], { env, cwd: disk });
  const log = path.join(disk, SYSTEMCTL_LOG);
  return {
    instanceId: server.id,
    disk,
    envFile,
    env: { ...parseEnv(readFileSync(envFile, "utf8")), ...(await pastPooler(session, slug, disk)) },
    systemctl: existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [],
  };
}

async function pastPooler(
  { environment, region, moto }: BootSession,
  slug: string,
  disk: string,
): Promise<Record<string, string>> {
  if (!existsSync(path.join(disk, POOLER_SETTINGS))) return {};
  const aws = { region, endpoint: moto.endpoint, credentials: moto.credentials };
  const DATABASE_URL = (await readEnvironment({ settings: { environment }, aws }, slug)).get("DATABASE_URL");
  return DATABASE_URL === undefined ? {} : { DATABASE_URL };
}

/** All that the script sees: nothing of this machine's own AWS configuration, and no program of ours but the AWS CLI. */
async function environment(session: BootSession, server: ServerInstance, disk: string): Promise<NodeJS.ProcessEnv> {
  const programs = path.join(session.home.path, "servers", ".programs");
  write(path.join(programs, "systemctl"), SYSTEMCTL_STUB, 0o755);
  for (const [name, body] of Object.entries(POOLER_STUBS)) {
    write(path.join(programs, name), `#!/bin/bash\n${body}\n`, 0o755);
  }
  write(path.join(programs, "aws"), `#!/bin/bash\nexec "${session.moto.aws}" "$@"\n`, 0o755);
  const credentials = await instanceCredentials(session, server);
  return {
    PATH: `${programs}:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: disk,
    LC_ALL: "C.UTF-8",
    DESTDIR: disk,
    AWS_ENDPOINT_URL: session.moto.endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
}

function parseEnv(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

function write(file: string, text: string, mode: number): void {
  mkdirSync(path.dirname(file), { recursive: true });
  // A file that is there keeps its mode otherwise.
  rmSync(file, { force: true });
  writeFileSync(file, text, { mode });
}
