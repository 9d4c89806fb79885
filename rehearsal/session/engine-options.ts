import type { EngineOptions } from "../engine/engine";
import { startPolicyPack } from "../engine/policy-pack";
import type { StackConfig } from "../engine/providers";
import type { DeploymentObserver } from "../engine/step";
import { startProcess } from "../protocol/plugin";
import type { MotoServer } from "../servers/moto";
import type { PostgresServer } from "../servers/postgres";
import type { Home } from "./home";
import { PROJECT_DIR } from "./places";
import { dynamicEnvironment, plugin, policyPackCommand, programEnvironment } from "./run-processes";
import type { SessionOptions } from "./session-options";

const PARALLEL = 16;

/** What the engine needs of a session. */
export interface EngineSite {
  readonly home: Home;
  readonly stack: string;
  readonly postgres: PostgresServer;
  readonly moto: MotoServer;
  readonly config: StackConfig;
}

/** What a run of the engine is started with. */
export function engineOptions(
  { home, stack, config, postgres, moto }: EngineSite,
  { plugins, processes }: SessionOptions,
  observer: DeploymentObserver,
  signal: AbortSignal | undefined,
): EngineOptions {
  const start = processes?.startProcess ?? startProcess;
  return {
    projectDir: PROJECT_DIR,
    stack,
    config,
    statePath: home.statePath(stack),
    passphrase: home.passphrase,
    policyPack: (about, print) => startPolicyPack(start, policyPackCommand(), about, print),
    pluginFor: (name) => plugin(start, name, plugins, dynamicEnvironment(postgres, moto)),
    startProgram: processes?.startProgram,
    env: programEnvironment(),
    continueOnError: true,
    parallel: PARALLEL,
    observer,
    ...(signal === undefined ? {} : { signal }),
  };
}
