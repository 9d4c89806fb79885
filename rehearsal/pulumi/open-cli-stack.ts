import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineSite } from "../session/engine-options";
import type { Home } from "../session/home";
import { PROJECT_DIR } from "../session/places";
import type { RehearsalSettings } from "../session/rehearsal-settings";
import { dynamicEnvironment } from "../session/run-processes";
import type { StackFile } from "../session/stack-config";
import { cliEnvironment } from "./cli-environment";
import { CliStack } from "./cli-stack";
import { anyPulumiCli } from "./find-cli";
import { viewProject, writeStackFile } from "./project-view";
import { missingPlugins, startStandIns } from "./stand-in-plugins";

/** A person's own word that nothing is to be fetched. */
const NO_FETCHING = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION";

/** The stack that the CLI is to drive, with its own settings and what the rehearsal lays over them. */
interface CliSite extends EngineSite {
  readonly file: StackFile;
  readonly settings: RehearsalSettings;
}

/** Lets the Pulumi CLI drive a stack, for the time of `work`. Its state and its settings are in the home. */
export async function withCliStack<Result>(
  { home, stack, file, settings, postgres, moto }: CliSite,
  report: (line: string) => void,
  work: (stack: CliStack) => Promise<Result>,
): Promise<Result> {
  const cli = await anyPulumiCli();
  const [projectDir, backend] = [join(home.cliPath, "project"), join(home.cliPath, "backend")];
  mkdirSync(backend, { recursive: true });
  viewProject(PROJECT_DIR, projectDir);
  const env = dynamicEnvironment(postgres, moto);
  const opened = (debugProviders: string) => {
    const place = { cli, backend, passphrase: home.passphrase, debugProviders };
    return new CliStack(
      { program: cli.program, projectDir, env: { ...env, ...cliEnvironment(place, env.PATH) } },
      stack,
    );
  };
  const standIns = await standInsOf(home, opened(""), report);
  report(
    `The Pulumi CLI ${cli.version} drives${standIns.length === 0 ? "" : `, with stand-ins for ${standIns.join(", ")}`}`,
  );
  const plugins = await startStandIns(standIns);
  try {
    const driven = opened(plugins.debugProviders);
    writeStackFile(projectDir, stack, { ...file.values, ...settings.values });
    await driven.call(["stack", "select", "--create"]);
    for (const [key, value] of Object.entries(settings.secrets)) {
      await driven.call(["config", "set", "--secret", key], value);
    }
    return await work(driven);
  } finally {
    await plugins.stop();
  }
}

/** The plugins that stand-ins take the place of in this home, decided once: what the one has made, the other need not understand. */
async function standInsOf(home: Home, stack: CliStack, report: (line: string) => void): Promise<readonly string[]> {
  const record = join(home.cliPath, "stand-ins.json");
  if (existsSync(record)) return JSON.parse(readFileSync(record, "utf8"));
  const names = await missingPlugins(async (name, version) => {
    if (process.env[NO_FETCHING] !== undefined) return false;
    report(`Fetching the plugin ${name} ${version}`);
    return stack.call(["plugin", "install", "resource", name, version]).then(
      () => true,
      () => false,
    );
  });
  writeFileSync(record, JSON.stringify(names));
  return names;
}
