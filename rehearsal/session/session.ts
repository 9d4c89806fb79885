import { existsSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { loadTenants } from "../../domain/load-tenants";
import { checkSettings } from "../../domain/settings-file";
import type { SettingsSpec } from "../../domain/settings-spec";
import type { EngineOptions } from "../engine/engine";
import { startPolicyPack } from "../engine/policy-pack";
import { PRELOADS } from "../engine/program";
import { DYNAMIC_PACKAGE, type StackConfig } from "../engine/providers";
import type { DeploymentObserver } from "../engine/step";
import { type Plugin, type PluginCommand, type StartPlugin, startProcess } from "../protocol/plugin";
import { aws } from "../providers/aws/provider";
import { postgresql } from "../providers/postgresql/provider";
import { randomOfRehearsals } from "../providers/random/provider";
import { serve } from "../providers/serve";
import { prepareAccount } from "../servers/account";
import { withLock } from "../servers/lock";
import { type MotoServer, startMoto, stopMoto } from "../servers/moto";
import { type PostgresServer, startPostgres, stopPostgres } from "../servers/postgres";
import { pythonEnvironment } from "../servers/python";
import { Home } from "./home";
import { regionOf, rehearsalSettings } from "./rehearsal-settings";
import type { SessionOptions } from "./session-options";
import { readStackFile, type StackFile, stackConfig } from "./stack-config";

export const PROJECT_DIR = join(__dirname, "..", "..");
const PARALLEL = 16;
/** By package. They are served from this process: one that is started for each would take longer than most of what it then does. */
const STAND_INS: ReadonlyMap<string, () => Promise<Plugin>> = new Map([
  ["aws", () => serve(aws)],
  ["postgresql", () => serve(postgresql)],
  ["random", () => serve(randomOfRehearsals)],
]);

/** The running servers of one home, and the configuration under which the program meets them. */
export interface Session {
  readonly home: Home;
  readonly stack: string;
  readonly postgres: PostgresServer;
  readonly moto: MotoServer;
  readonly region: string;
  readonly config: StackConfig;
  engine(observer: DeploymentObserver, signal?: AbortSignal): EngineOptions;
}

/**
 * Starts the servers, or finds them running, and holds the home for the time of `work`.
 *
 * @throws FileErrors before anything is started, when the settings or the tenant files are not right.
 */
export async function withSession<Result>(
  args: SessionOptions,
  report: (line: string) => void,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const file = readStackFile(PROJECT_DIR, args.stack);
  const tenantsDir = tenantsFolder(args);
  const { network } = checkTenants(args.stack, file, tenantsDir);
  const home = new Home(fromWhereItWasTyped(args.home));
  return withHome(home, report, async () => {
    const [postgres, moto] = await Promise.all([
      startPostgres({ home: home.path, major: home.postgresMajor(args.postgres), report }),
      startMoto({ home: home.path, report }),
    ]);
    const region = regionOf(file);
    const account = await prepareAccount(moto, region, network.subnetIds);
    const { values, secrets } = rehearsalSettings(file, {
      postgres,
      moto,
      region,
      account,
      backups: home.backups,
      tenantsDir,
    });
    const config = stackConfig(file, values, secrets);
    return work({
      home,
      stack: args.stack,
      postgres,
      moto,
      region,
      config,
      engine: (observer, signal) => ({
        projectDir: PROJECT_DIR,
        stack: args.stack,
        config,
        statePath: home.statePath(args.stack),
        passphrase: home.passphrase,
        policyPack: (about, print) => startPolicyPack(policyPackCommand(), about, print),
        pluginFor: (name) => plugin(name, args.plugins, dynamicEnvironment(postgres, moto)),
        env: programEnvironment(),
        parallel: PARALLEL,
        observer,
        ...(signal === undefined ? {} : { signal }),
      }),
    });
  });
}

/** Stops the servers of a home; the data stay. */
export async function stopServers(options: SessionOptions, report: (line: string) => void): Promise<void> {
  const home = new Home(fromWhereItWasTyped(options.home));
  // Without the lock's file no command has ever started a server here.
  if (!existsSync(home.lockPath)) return;
  await withHome(home, report, () => Promise.all([stopPostgres(home.path), stopMoto(home.path)]));
}

/** Does the work when no other command is at work in that home. */
async function withHome<Result>(
  home: Home,
  report: (line: string) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const { python } = await pythonEnvironment({ report });
  const wait = () => report("Another rehearsal command is at work in this home; waiting for it to finish");
  return withLock(python, home.lockPath, wait, work);
}

/** npm runs scripts in the project's folder; a relative path means the folder that the person was in. */
export function fromWhereItWasTyped(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** The folder of tenant files that the arguments, or else the stack's settings, name; absolute. */
export function tenantsFolder(args: SessionOptions): string {
  if (args.tenants !== undefined) return fromWhereItWasTyped(args.tenants);
  const file = readStackFile(PROJECT_DIR, args.stack);
  return resolve(PROJECT_DIR, String(file.values["b2b-tenants:tenantsDir"] ?? "tenants"));
}

/** What is wrong with the files is told before minutes are spent on servers. */
function checkTenants(stack: string, file: StackFile, tenantsDir: string): SettingsSpec {
  const { values } = stackConfig(
    file,
    { "b2b-tenants:tenantsDir": tenantsDir },
    { "b2b-tenants:adminPassword": "unused" },
  );
  const { spec } = checkSettings({ stack, config: values, isSecret: () => true, environmentPassword: undefined });
  loadTenants(tenantsDir, { stack, ...spec });
  return spec;
}

function plugin(name: string, plugins: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv): StartPlugin {
  const label = `the ${name} plugin`;
  const real = plugins.get(name);
  if (real !== undefined) {
    const command = { program: fromWhereItWasTyped(real), args: [], cwd: PROJECT_DIR };
    return (address, print) => startProcess(label, command, [address], print);
  }
  if (name === DYNAMIC_PACKAGE) {
    const provider = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    const args = [...PRELOADS, provider];
    const command = { program: process.execPath, args, cwd: PROJECT_DIR, env };
    return (address, print) => startProcess(label, command, [address], print);
  }
  const standIn = STAND_INS.get(name);
  if (standIn === undefined) {
    throw new Error(
      `the rehearsal has no stand-in for the package "${name}" (it has ${[...STAND_INS.keys()].join(", ")}); ` +
        `name a real plugin with --plugin ${name}=PATH`,
    );
  }
  return standIn;
}

/** Runs in the pack's own folder, as under Pulumi. */
function policyPackCommand(): PluginCommand {
  const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const args = [...PRELOADS, runner];
  return { program: process.execPath, args, cwd: join(PROJECT_DIR, "policy"), env: programEnvironment() };
}

/** Where the process that dynamic resources run in finds PostgreSQL's client programs and the emulated account. */
function dynamicEnvironment({ programs }: PostgresServer, { endpoint, credentials }: MotoServer): NodeJS.ProcessEnv {
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
function programEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS = "", REHEARSAL_DEBUG, ...env } = ownEnvironment();
  return { ...env, NODE_OPTIONS: REHEARSAL_DEBUG ? NODE_OPTIONS : `${NODE_OPTIONS} --stack-trace-limit=0`.trim() };
}

function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS_|PG|PULUMI_)/.test(name)));
}
