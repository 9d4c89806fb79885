import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { delimiter, dirname } from "node:path";
import { loadTenants } from "../../domain/load-tenants";
import { checkSettings } from "../../domain/settings-file";
import { servedBy } from "../../domain/tenants-of";
import { stateThrough } from "../../ops/stack/pulumi-stack";
import type { StackAccess, StackExport } from "../../ops/stack/stack-access";
import type { RehearsalPlace } from "../../ops/stack/stack-options";
import { nameOf } from "../engine/urn";
import { type Session, withSession } from "./session";
import { checkedStackName } from "./session-options";

const NOTHING: StackExport = { version: 3, deployment: {} };

/** Opens a rehearsed stack as the commands that people run want it, for the time of `work`; starts the servers if need be. */
export async function withRehearsedStack<Result>(
  stack: string,
  place: RehearsalPlace,
  report: (line: string) => void,
  work: (access: StackAccess) => Promise<Result>,
): Promise<Result> {
  const options = {
    ...place,
    stack: checkedStackName(stack),
    postgres: undefined,
    postgresBin: undefined,
    plugins: new Map(),
  };
  return withSession(options, report, (session) => work(stackAccess(session)));
}

/** A state's file as `pulumi stack export` prints it; of a stack that has none, an empty one. */
export async function exportedState(path: string): Promise<StackExport> {
  return existsSync(path) ? JSON.parse(await readFile(path, "utf8")) : NOTHING;
}

/** What of a session a stack is reached through. */
type OpenStack = Pick<Session, "stack" | "config" | "postgres" | "moto" | "region" | "cli" | "engine"> & {
  readonly home: Pick<Session["home"], "statePath" | "passphrase">;
};

/** The stack of a session that is open. */
export function stackAccess(session: OpenStack): StackAccess {
  const { stack, config, postgres, moto, region, cli } = session;
  const { spec, adminPassword } = checkSettings({
    stack,
    config: config.values,
    isSecret: (key) => config.secretKeys.includes(key),
    environmentPassword: undefined,
  });
  const everyStack = loadTenants(spec.tenantsDir, { stack, ...spec });
  return {
    stack,
    settings: spec,
    adminPassword,
    declared: servedBy(stack, spec.fleet, everyStack),
    everyStack,
    aws: { region, endpoint: moto.endpoint, credentials: moto.credentials },
    env: { ...process.env, PATH: `${dirname(postgres.programs.pg_dump)}${delimiter}${process.env.PATH ?? ""}` },
    ...(cli === undefined ? ownState(session) : stateThrough((args, input) => cli.call(args, input))),
  };
}

/** The state that the rehearsal's own engine keeps. */
function ownState({ stack, home, engine }: OpenStack): ReturnType<typeof stateThrough> {
  const path = home.statePath(stack);
  return {
    exportState: () => exportedState(path),
    // Whoever has a session holds the home's lock, which a process that dies lets go of.
    assertUnlocked: async () => {},
    importState: (state) => {
      const { StateFile } = require("../engine/state-file") as typeof import("../engine/state-file");
      return StateFile.replace(path, home.passphrase, JSON.stringify(state));
    },
    refresh: async (urns) => {
      const { failures } = await (require("../engine/engine") as typeof import("../engine/engine")).refreshTargets(
        engine({}),
        urns,
      );
      const [failure] = failures;
      if (failure !== undefined) throw new Error(`${nameOf(failure.urn)} cannot be read: ${failure.message.trim()}`);
    },
  };
}
