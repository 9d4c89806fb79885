import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isPluginOnPath, pulumiHome } from "./find-cli";

/** The packages that the program uses, besides those that come with the CLI. */
const PACKAGES = ["aws", "postgresql", "random"];
const PROVIDERS = join(__dirname, "..", "providers");

/** Running stand-ins, each a process that the CLI is told to attach to. */
export interface StandInPlugins {
  /** Value of `PULUMI_DEBUG_PROVIDERS`. */
  readonly debugProviders: string;
  stop(): Promise<void>;
}

/**
 * The packages whose plugins the CLI will not find.
 *
 * @param fetch Installs a plugin, and says whether it could.
 */
export async function missingPlugins(fetch: (name: string, version: string) => Promise<boolean>): Promise<string[]> {
  const missing: string[] = [];
  for (const name of PACKAGES) {
    const { version } = require(`@pulumi/${name}/package.json`) as { version: string };
    const installed = join(pulumiHome(), "plugins", `resource-${name}-v${version}`);
    if (isPluginOnPath(name) || existsSync(installed) || (await fetch(name, version))) continue;
    missing.push(name);
  }
  return missing;
}

export async function startStandIns(names: readonly string[]): Promise<StandInPlugins> {
  const children: ChildProcess[] = [];
  const attached = await Promise.all(
    names.map(async (name) => {
      const child = spawn(process.execPath, ["--import", "tsx", join(PROVIDERS, name, "main.ts")], {
        stdio: ["ignore", "pipe", "inherit"],
        // A terminal's Ctrl-C is the CLI's: it goes on using its plugins until what is under way is finished.
        detached: true,
      });
      children.push(child);
      return `${name}:${await firstLine(name, child)}`;
    }),
  );
  return {
    debugProviders: attached.join(","),
    stop: async () => {
      await Promise.all(children.map(ended));
    },
  };
}

async function firstLine(name: string, child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const [line] = await Promise.race([
    once(lines, "line"),
    once(child, "exit").then(([status]) => {
      throw new Error(`the ${name} stand-in ended with status ${status} before it served`);
    }),
  ]);
  return line;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}
