import { existsSync } from "node:fs";
import { UsageError } from "../../domain/usage-error";
import type { RehearsalPlace } from "../../ops/stack/stack-options";
import type { EngineOptions } from "../engine/engine";
import type { DeploymentObserver } from "../engine/step";
import type { CliStack } from "../pulumi/cli-stack";
import { accountOf } from "../servers/known-account";
import { withLock } from "../servers/lock";
import { startMoto, stopMoto } from "../servers/moto";
import { startPostgres, stopPostgres } from "../servers/postgres";
import { pythonEnvironment } from "../servers/python";
import { type CheckedStack, checkedStack } from "./checked-stack";
import type { EngineSite } from "./engine-options";
import { Home } from "./home";
import { fromWhereItWasTyped } from "./places";
import { type RehearsalSettings, regionOf, rehearsalSettings } from "./rehearsal-settings";
import type { SessionOptions } from "./session-options";
import { type StackFile, stackConfig } from "./stack-config";

/** The running servers of one home, and the configuration under which the program meets them. */
export interface Session extends EngineSite {
  /** What it was opened with. */
  readonly place: RehearsalPlace;
  readonly region: string;
  /** The setting `environment`. */
  readonly environment: string;
  /** The stack's own settings, and what the rehearsal lays over them. */
  readonly file: StackFile;
  readonly settings: RehearsalSettings;
  /** The stack under the Pulumi CLI, in a home that it drives; the rehearsal's engine is not to be used then. */
  readonly cli?: CliStack;
  engine(observer: DeploymentObserver, signal?: AbortSignal): EngineOptions;
}

/**
 * Starts the servers, or finds them running, and holds the home for the time of `work`.
 *
 * @throws FileErrors before anything is started, when the settings or the tenant files are not right.
 */
export function withSession<Result>(
  args: SessionOptions,
  report: (line: string) => void,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  return withHomeOpen(args, [args.stack], report, ([opened], byCli) => {
    const session = opened as Session;
    if (!byCli) return work(session);
    return (require("../pulumi/open-cli-stack") as typeof import("../pulumi/open-cli-stack")).withCliStack(
      session,
      report,
      (cli) => work({ ...session, cli }),
    );
  });
}

/**
 * The same for several stacks of one home, which the rehearsal's own engine drives.
 *
 * @param stacks Their names, in the order of the sessions that `work` is given.
 */
export function withSessions<Result>(
  args: SessionOptions,
  stacks: readonly string[],
  report: (line: string) => void,
  work: (sessions: readonly Session[]) => Promise<Result>,
): Promise<Result> {
  return withHomeOpen(args, stacks, report, (sessions, byCli) => {
    if (byCli) {
      throw new UsageError(
        `--home ${args.home}: the Pulumi CLI drives it (--cli), and a fleet is rehearsed in homes of the rehearsal's own engine alone`,
      );
    }
    return work(sessions);
  });
}

async function withHomeOpen<Result>(
  args: SessionOptions,
  stacks: readonly string[],
  report: (line: string) => void,
  work: (sessions: readonly Session[], byCli: boolean) => Promise<Result>,
): Promise<Result> {
  const home = new Home(fromWhereItWasTyped(args.home));
  if (args.ownDatabase) home.makeOwnDatabase(args.stack);
  const checked = stacks.map((stack) => checkedStack({ ...args, stack }, home));
  const byCli = home.drivenByCli(args.cli ?? false);
  const folder = args.postgresBin === undefined ? undefined : fromWhereItWasTyped(args.postgresBin);
  return withHome(home, report, async () => {
    const places = stacks.map((stack) => home.ownDatabase(stack) ?? home.path);
    const start = async (place: string) =>
      [
        place,
        await startPostgres({ home: place, ...new Home(place).postgres(args.postgres, folder), report }),
      ] as const;
    const [moto, ...started] = await Promise.all([
      startMoto({ home: home.path, report, ...args.processes }),
      ...[...new Set(places)].map(start),
    ]);
    const servers = new Map(started);
    const sessions: Session[] = [];
    for (const [index, stack] of checked.entries()) {
      const postgres = servers.get(places[index] ?? "");
      if (postgres !== undefined) sessions.push(await sessionOf(stack, { home, postgres, moto }));
    }
    return work(sessions, byCli);
  });
}

async function sessionOf(
  { args, file, tenantsDir, migrationsDir, environment, network }: CheckedStack,
  { home, postgres, moto }: Pick<Session, "home" | "postgres" | "moto">,
): Promise<Session> {
  const region = regionOf(file);
  const account = await accountOf(home.path, moto, region, network.subnetIds);
  const site = { postgres, moto, region, account, backups: home.backups, tenantsDir, migrationsDir };
  const settings = rehearsalSettings(file, site);
  const config = stackConfig(file, settings.values, settings.secrets);
  const opened = { home, stack: args.stack, postgres, moto, region, config };
  const engine: Session["engine"] = (observer, signal) => {
    // The engine and its stand-ins are slow to load, and a command that only looks needs none of them.
    return (require("./engine-options") as typeof import("./engine-options")).engineOptions(
      opened,
      args,
      observer,
      signal,
    );
  };
  return { ...opened, place: args, environment, file, settings, engine };
}

/** Stops the servers of a home; the data stay. */
export async function stopServers(options: SessionOptions, report: (line: string) => void): Promise<void> {
  const home = new Home(fromWhereItWasTyped(options.home));
  // Without the lock's file no command has ever started a server here.
  if (!existsSync(home.lockPath)) return;
  await withHome(home, report, () => Promise.all([...home.databaseHomes.map(stopPostgres), stopMoto(home.path)]));
}

/** Does the work when no other command is at work in that home. */
async function withHome<Result>(
  home: Home,
  report: (line: string) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  home.make();
  const { python } = await pythonEnvironment({ report });
  const wait = () => report("Another rehearsal command is at work in this home; waiting for it to finish");
  return withLock(python, home.lockPath, wait, work);
}
