import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join, sep } from "node:path";
import { UsageError } from "../../domain/usage-error";
import { isExecutable, pathFolders } from "../../ops/stack/pulumi-cli";

/** A Pulumi CLI that runs on this machine. */
export interface PulumiCli {
  readonly program: string;
  /** The folder it lies in, where its language hosts are too. */
  readonly folder: string;
  readonly version: string;
}

/** Where the CLI finds a language host and what runs dynamic resources, if nothing before it on PATH has them: a CLI built from Go's modules
 * comes without. */
const LANGUAGE_HOST = join(__dirname, "..", "language-host", "bin");

/** Why a test is skipped. */
export const NO_CLI = "no Pulumi CLI on PATH, and npm's has not been fetched yet";

/** Long enough for a first start on a busy machine; a CLI that takes longer could not be tested with. */
const ANSWER_MS = 30_000;

/**
 * The CLI on PATH, or else the one that npm's `pulumi` package, pinned by this project, has fetched earlier. That package itself
 * is passed over: it answers a first call by downloading the CLI, and no test may.
 */
export function findPulumiCli(): PulumiCli | undefined {
  for (const folder of [...pathFolders(), fetchedByNpm()]) {
    const program = join(folder, "pulumi");
    const version = isExecutable(program) && !isNpmPackage(program) ? versionOf(program) : undefined;
    if (version !== undefined) return { program, folder, version };
  }
  return undefined;
}

/** The CLI that findPulumiCli finds, or else npm's, which is fetched now. @throws UsageError when it cannot be. */
export async function anyPulumiCli(): Promise<PulumiCli> {
  const there = findPulumiCli();
  if (there !== undefined) return there;
  const { resolve } = require("pulumi/lib/resolve") as { resolve: () => Promise<string> };
  const refusal = "--cli: there is no Pulumi CLI on PATH, and npm's could not be fetched";
  await resolve().catch((error: Error) => {
    throw new UsageError(`${refusal}: ${error.message}`);
  });
  const fetched = findPulumiCli();
  if (fetched === undefined) throw new UsageError(refusal);
  return fetched;
}

/** PATH with what the CLI needs: itself, its own language host first, and otherwise the rehearsal's. */
export function pulumiPath({ folder }: PulumiCli, path = process.env.PATH): string {
  return [folder, ...(path === undefined ? [] : [path]), LANGUAGE_HOST].join(delimiter);
}

/** Where the CLI keeps plugins, and npm's package the CLI. */
export function pulumiHome(): string {
  return process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
}

/** Fills a folder with links to what the CLI takes from PATH: itself, what came with it, and the plugins that are there. */
export function linkPulumiPrograms({ folder }: PulumiCli, place: string): void {
  for (const from of new Set([...pathFolders(), folder])) {
    const names = statSync(from, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(from) : [];
    for (const name of names.filter((name) => /^pulumi($|-)/.test(name) && !existsSync(join(place, name)))) {
      symlinkSync(join(from, name), join(place, name));
    }
  }
}

/** Whether the CLI will find a plugin of that package without downloading it. */
export function isPluginOnPath(name: string): boolean {
  return pathFolders().some((folder) => isExecutable(join(folder, `pulumi-resource-${name}`)));
}

function fetchedByNpm(): string {
  const { version } = require("pulumi/package.json") as { version: string };
  return join(pulumiHome(), "versions", version, "bin");
}

function isNpmPackage(program: string): boolean {
  return realpathSync(program).includes(`${sep}node_modules${sep}`);
}

/** What the program answers to `pulumi version`; undefined when it does not run or is something else. */
function versionOf(program: string): string | undefined {
  const home = mkdtempSync(join(tmpdir(), "pulumi-version-"));
  try {
    const env = { PATH: process.env.PATH, HOME: home, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const { status, stdout } = spawnSync(program, ["version"], { env, encoding: "utf8", timeout: ANSWER_MS });
    return status === 0 ? /^v?(\d+\.\d+\.\d+\S*)$/m.exec(stdout)?.[1] : undefined;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
