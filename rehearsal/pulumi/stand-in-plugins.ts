import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isPluginOnPath } from "./find-cli";

/** The packages that the program uses, besides those that come with the CLI. */
const PACKAGES = ["aws", "postgresql", "random"];
const PROVIDERS = join(__dirname, "..", "providers");

/** The stand-ins of the plugins that are not on PATH, each a process that the CLI is told to attach to. */
export interface StandInPlugins {
  /** Value of `PULUMI_DEBUG_PROVIDERS`. */
  readonly debugProviders: string;
  stop(): Promise<void>;
}

export async function startMissingPlugins(): Promise<StandInPlugins> {
  const missing = PACKAGES.filter((name) => !isPluginOnPath(name));
  const children: ChildProcess[] = [];
  const attached = await Promise.all(
    missing.map(async (name) => {
      const child = spawn(process.execPath, ["--import", "tsx", join(PROVIDERS, name, "main.ts")], {
        stdio: ["ignore", "pipe", "inherit"],
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
