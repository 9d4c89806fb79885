import { type SpawnOptions, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, chownSync, constants, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { escapeIdentifier, escapeLiteral } from "pg";
import { withLock } from "./lock";
import { runToEnd } from "./process";
import type { PythonEnvironment } from "./python";
import type { Identity } from "./unprivileged";

/** Where PostgreSQL's programs of one major are, and whom they run as. */
export interface Programs {
  readonly environment: PythonEnvironment;
  readonly bin: string;
  /** Name that what initdb made is kept under; undefined when it is not, since these are somebody else's programs. */
  readonly blank: string | undefined;
  readonly identity: Identity | undefined;
}

/**
 * Makes the data folder `data` in the empty folder `scratch`, where the superuser has the given password. initdb runs once for each
 * environment: what it made is kept in there, with a password that nobody knows, and copied from then on.
 */
export async function makeDataFolder(
  { environment, bin, blank, identity }: Programs,
  scratch: string,
  superuser: { readonly name: string; readonly password: string },
): Promise<string> {
  const data = path.join(scratch, "data");
  const kept = blank === undefined ? undefined : path.join(environment.folder, `cluster-${blank}`);
  if (kept !== undefined && isReadable(kept)) {
    await copy(kept, data);
    if (identity) spawnSync("chown", ["-R", `${identity.uid}:${identity.gid}`, scratch]);
  } else {
    await initdb(bin, identity, scratch, data, superuser.name);
    if (kept !== undefined && !existsSync(kept)) await keep(environment, data, kept);
  }
  setPassword(path.join(bin, "postgres"), identity, data, superuser);
  return data;
}

/** What PostgreSQL's programs see of this process's environment: none of its PG variables, and messages in English. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" };
}

async function initdb(
  bin: string,
  identity: Identity | undefined,
  scratch: string,
  data: string,
  superuser: string,
): Promise<void> {
  const passwordFile = path.join(scratch, "password");
  writeFileSync(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
  if (identity) {
    for (const made of [scratch, passwordFile]) chownSync(made, identity.uid, identity.gid);
  }
  const args = [
    "-D",
    data,
    "-U",
    superuser,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-locale",
    "--no-sync",
  ];
  await run(path.join(bin, "initdb"), args, { ...identity, cwd: "/", env: serverEnvironment() });
}

/**
 * Keeps a copy in the environment. It is renamed into place when it is whole, on disk too: every later home comes of it. Where the
 * environment is another user's, there is none.
 */
async function keep({ folder, python }: PythonEnvironment, data: string, kept: string): Promise<void> {
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return;
  }
  await withLock(
    python,
    path.join(path.dirname(folder), "lock"),
    () => {},
    async () => {
      const unfinished = `${kept}-unfinished`;
      rmSync(unfinished, { recursive: true, force: true });
      if (existsSync(kept)) return;
      await copy(data, unfinished);
      await run("sync", []);
      renameSync(unfinished, kept);
    },
  );
}

function copy(from: string, to: string): Promise<void> {
  return run("cp", ["-R", from, to]);
}

async function run(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<void> {
  const { code, words } = await runToEnd(command, args, options);
  if (code !== 0) throw new Error(words);
}

/** In a session without a server, since nobody can log in yet. */
function setPassword(
  postgres: string,
  identity: Identity | undefined,
  data: string,
  { name, password }: { readonly name: string; readonly password: string },
): void {
  const settings = ["fsync=off", "log_min_error_statement=panic"].flatMap((setting) => ["-c", setting]);
  const { error, status, stderr } = spawnSync(postgres, ["--single", "-D", data, ...settings, "postgres"], {
    ...identity,
    cwd: "/",
    env: serverEnvironment(),
    encoding: "utf8",
    input: `alter role ${escapeIdentifier(name)} password ${escapeLiteral(password)}\n`,
  });
  if (error) throw error;
  if (status !== 0 || stderr.includes("ERROR:")) throw new Error(stderr);
}

function isReadable(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}
