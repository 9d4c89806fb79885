import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Plugin, startProcess } from "../protocol/plugin";
import { PROJECT_DIR } from "../session/places";
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
  const started = await Promise.allSettled(names.map(startStandIn));
  const plugins = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const stop = async () => {
    await Promise.all(plugins.map((plugin) => plugin.stop()));
  };
  const failed = started.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return { debugProviders: plugins.map(({ port }, index) => `${names[index]}:${port}`).join(","), stop };
}

function startStandIn(name: string): Promise<Plugin> {
  const command = {
    program: process.execPath,
    args: ["--import", "tsx", join(PROVIDERS, name, "main.ts")],
    cwd: PROJECT_DIR,
  };
  return startProcess(`the ${name} stand-in`, command, [], undefined, (text) => void process.stderr.write(text));
}
