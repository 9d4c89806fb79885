/** What a run has besides the engine: its plugins, its policy pack, and what each sees of this process's environment. */
import { delimiter, dirname, join } from "node:path";
import { DYNAMIC_PACKAGE } from "../engine/providers";
import { PRELOADS } from "../protocol/node-program";
import type { LocalPlugin, PluginCommand, StartPlugin, StartProcess } from "../protocol/plugin";
import { aws } from "../providers/aws/provider";
import { postgresql } from "../providers/postgresql/provider";
import { randomOfRehearsals } from "../providers/random/provider";
import { serveHere } from "../providers/serve";
import type { MotoServer } from "../servers/moto";
import type { PostgresServer } from "../servers/postgres";
import { fromWhereItWasTyped, PROJECT_DIR } from "./places";

/** By package. They are served from this process: one that is started for each would take longer than most of what it then does. */
const STAND_INS: ReadonlyMap<string, () => LocalPlugin> = new Map([
  ["aws", () => serveHere(aws)],
  ["postgresql", () => serveHere(postgresql)],
  ["random", () => serveHere(randomOfRehearsals)],
]);

/** The plugin of a package: the one that was named, or else its stand-in. */
export function plugin(
  start: StartProcess,
  name: string,
  plugins: ReadonlyMap<string, string>,
  env: NodeJS.ProcessEnv,
): StartPlugin {
  const label = `the ${name} plugin`;
  const real = plugins.get(name);
  if (real !== undefined) {
    const command = { program: fromWhereItWasTyped(real), args: [], cwd: PROJECT_DIR };
    return (address, print) => start(label, command, [address], print);
  }
  if (name === DYNAMIC_PACKAGE) {
    const provider = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    const args = [...PRELOADS, provider];
    const command = { program: process.execPath, args, cwd: PROJECT_DIR, env };
    return (address, print) => start(label, command, [address], print);
  }
  const standIn = STAND_INS.get(name);
  if (standIn === undefined) {
    throw new Error(
      `the rehearsal has no stand-in for the package "${name}" (it has ${[...STAND_INS.keys()].join(", ")}); ` +
        `name a real plugin with --plugin ${name}=PATH`,
    );
  }
  return async () => standIn();
}

/** Runs in the pack's own folder, as under Pulumi. */
export function policyPackCommand(): PluginCommand {
  const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const args = [...PRELOADS, runner];
  return { program: process.execPath, args, cwd: join(PROJECT_DIR, "policy"), env: programEnvironment() };
}

/** Where the process that dynamic resources run in finds PostgreSQL's client programs and the emulated account. */
export function dynamicEnvironment(
  { programs }: PostgresServer,
  { endpoint, credentials }: MotoServer,
): NodeJS.ProcessEnv {
  const env = ownEnvironment();
  return {
    ...env,
    PATH: `${dirname(programs.pg_dump)}${delimiter}${env.PATH ?? ""}`,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

/**
 * The person's own AWS, PostgreSQL and Pulumi settings must not reach into a rehearsal. The SDK takes a stack trace for every
 * promise and maps it through source maps, which is more than half of the program's time and of use only to who debugs it.
 */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS = "", REHEARSAL_DEBUG, ...env } = ownEnvironment();
  return { ...env, NODE_OPTIONS: REHEARSAL_DEBUG ? NODE_OPTIONS : `${NODE_OPTIONS} --stack-trace-limit=0`.trim() };
}

function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS_|PG|PULUMI_)/.test(name)));
}
