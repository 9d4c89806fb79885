import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { withLock } from "./lock";
import { runToEnd } from "./process";
import { failureOf, ServerError } from "./server-error";

const REQUIREMENTS = path.resolve(__dirname, "requirements.txt");
const PLACE_VARIABLE = "the variable REHEARSAL_PYTHON_DIR";
const OLDEST: readonly [number, number] = [3, 10];
const INSTALL_PYTHON =
  "Install Python 3.10 or later (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python3), or point the variable PYTHON at one.";

/** The virtual environment that the servers run from. */
export interface PythonEnvironment {
  /** Its folder, `bin` of which holds `python`, `aws` and `moto_server`. */
  readonly folder: string;
  readonly python: string;
  /** Where packages are, for example `…/lib/python3.11/site-packages`. */
  readonly packages: string;
}

export interface PythonOptions {
  /** Where environments are kept; default: the variable REHEARSAL_PYTHON_DIR, else `.rehearsal/python` of this checkout, shared by all its homes. */
  readonly cache?: string;
  /** Receives one line of progress at a time. */
  readonly report?: (line: string) => void;
  /** Default: the process's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The environment of `rehearsal/servers/requirements.txt`: the one that is there, or else a newly installed one. */
export async function pythonEnvironment(options: PythonOptions = {}): Promise<PythonEnvironment> {
  const env = options.env ?? process.env;
  const cache = withoutLinks(
    path.resolve(options.cache ?? env.REHEARSAL_PYTHON_DIR ?? path.resolve(__dirname, "../../.rehearsal/python")),
  );
  const present = readStamp(cache);
  if (present) return present;

  const report = options.report ?? (() => {});
  const interpreter = findInterpreter(env);
  try {
    mkdirSync(cache, { recursive: true });
  } catch (error) {
    throw failureOf(
      `Cannot make the folder ${cache}`,
      "Make it writable, or name another with the variable REHEARSAL_PYTHON_DIR.",
      String(error),
      cache,
      PLACE_VARIABLE,
    );
  }
  const wait = () => report("Another process is installing the same; waiting for it");
  return withLock(
    interpreter,
    path.join(cache, "lock"),
    wait,
    async () => readStamp(cache) ?? install(interpreter, cache, env, report),
  );
}

/**
 * Installs into a folder of its own and only then points the stamp at it. So what an interrupted installation left, even one whose
 * pip still runs, is never used; the next installation removes it. What the stamp names by then stays: servers may run from it.
 */
async function install(
  interpreter: string,
  cache: string,
  env: NodeJS.ProcessEnv,
  report: (line: string) => void,
): Promise<PythonEnvironment> {
  const last = path.basename(readWords(cache).folder ?? "");
  for (const name of readdirSync(cache)) {
    if (name.startsWith("env-") && name !== last) rmSync(path.join(cache, name), { recursive: true, force: true });
  }
  const folder = path.join(cache, `env-${randomBytes(4).toString("hex")}`);
  const run = (command: string, args: string[], onLine: (line: string) => void) =>
    runToEnd(command, args, { env: cleaned(env) }, onLine);

  report(
    "First run: installing PostgreSQL, the AWS emulator and the AWS CLI (about 70 MB to download, 400 MB on disk)",
  );
  const venv = await run(interpreter, ["-m", "venv", folder], () => {});
  if (venv.code !== 0) {
    const advice =
      "On Debian and Ubuntu: apt install python3-venv. Elsewhere: install Python with its modules venv and ensurepip, or point the variable PYTHON at one that has them.";
    throw failureOf(`${interpreter} cannot make a virtual environment`, advice, venv.words, cache, PLACE_VARIABLE);
  }
  const python = path.join(folder, "bin/python");
  const pip = await run(
    python,
    [
      "-m",
      "pip",
      "install",
      "--disable-pip-version-check",
      "--no-input",
      "--only-binary=:all:",
      "--progress-bar=off",
      "-r",
      REQUIREMENTS,
    ],
    (line) => {
      const found = /^((?:Downloading|Using cached) \S+ \(\d\S* MB\)|Installing collected packages)/.exec(line.trim());
      if (found) report(`  ${found[1]}`);
    },
  );
  if (pip.code !== 0) {
    const advice =
      "It needs the network once: check that `pip download pip` works here (proxy, certificates), and run the same command again.";
    throw failureOf("pip could not install the rehearsal's requirements", advice, pip.words, cache, PLACE_VARIABLE);
  }
  const { stdout } = spawnSync(python, ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], {
    encoding: "utf8",
  });
  const made: PythonEnvironment = { folder, python, packages: stdout.trim() };
  const stamp = path.join(cache, "stamp.json");
  writeFileSync(`${stamp}.new`, JSON.stringify({ requirements: requirementsHash(), ...made }));
  renameSync(`${stamp}.new`, stamp);
  return made;
}

function readStamp(cache: string): PythonEnvironment | undefined {
  const { requirements, folder = "", python = "", packages = "" } = readWords(cache);
  // An environment does not survive being moved, nor its Python being upgraded away: then it is made again.
  const whole =
    requirements === requirementsHash() && path.dirname(folder) === cache && existsSync(python) && existsSync(packages);
  return whole ? { folder, python, packages } : undefined;
}

/** What the stamp says, true or not; nothing when there is none. */
function readWords(cache: string): Partial<PythonEnvironment & { readonly requirements: string }> {
  try {
    return JSON.parse(readFileSync(path.join(cache, "stamp.json"), "utf8"));
  } catch {
    return {};
  }
}

/** A checkout that shares another's environments through a link must not take them for moved, and make them again. */
function withoutLinks(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function requirementsHash(): string {
  return createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex");
}

/** The first Python that is new enough. A `PYTHON` that is named but does not do is an error: the user meant it. */
function findInterpreter(env: NodeJS.ProcessEnv): string {
  const seen: string[] = [];
  for (const command of env.PYTHON ? [env.PYTHON] : ["python3", "python"]) {
    const found = spawnSync(command, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], {
      encoding: "utf8",
      env: cleaned(env),
    });
    const version = /^(\d+)\.(\d+)$/.exec(found.stdout?.trim() ?? "");
    if (!version) continue;
    const [major, minor] = [Number(version[1]), Number(version[2])];
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return command;
    seen.push(`${command} is Python ${version[0]}`);
  }
  if (seen.length > 0) throw new ServerError(`Python is too old: ${seen.join(", ")}`, INSTALL_PYTHON);
  throw new ServerError(
    env.PYTHON ? `PYTHON names "${env.PYTHON}", which does not run as Python` : "Python was not found",
    INSTALL_PYTHON,
  );
}

/** A caller's own Python setup must not leak into the environment. */
function cleaned(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PYTHONHOME: _home, PYTHONPATH: _path, VIRTUAL_ENV: _env, __PYVENV_LAUNCHER__: _launcher, ...rest } = env;
  return rest;
}
