import { existsSync } from "node:fs";
import { Deployment, DeploymentStopped, type Failure } from "./deployment";
import { MonitorServer } from "./monitor";
import type { PluginCommand } from "./plugin";
import { PolicyPack } from "./policy-pack";
import { PolicyReview } from "./policy-review";
import { EXIT_AFTER_LOGGED_ERROR, Program, type ProjectFile, readProjectFile } from "./program";
import type { PropertyMap } from "./property-values";
import { Providers, type StackConfig } from "./providers";
import { type FindInterrupted, refresh, refreshOnly } from "./refresh";
import { Snapshot } from "./snapshot";
import { type DeploymentState, StateFile } from "./state";
import type { DeploymentObserver } from "./step";
import type { Urn } from "./urn";

export interface EngineOptions {
  readonly projectDir: string;
  readonly stack: string;
  readonly config: StackConfig;
  /** The stack's state; made when there is none. */
  readonly statePath: string;
  /** Opens the secrets in the state. */
  readonly passphrase: string;
  readonly commandFor: (packageName: string) => PluginCommand;
  /** The policy pack that `up` and `preview` ask; none when it is left out. */
  readonly policyPack?: PluginCommand | undefined;
  /** Environment of the program. */
  readonly env: NodeJS.ProcessEnv;
  readonly parallel: number;
  readonly observer: DeploymentObserver;
  /** Aborting it begins nothing more and finishes what is under way. */
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly ok: boolean;
  /** The first is what stopped the run; others were under way when it did. */
  readonly failures: readonly Failure[];
  /** How many policies were asked. */
  readonly policies: number;
  readonly state: DeploymentState;
}

/** The state tells of a run that died: what it was doing must be looked at before anything else is done. */
export class InterruptedRun extends Error {
  constructor(readonly operations: DeploymentState["pendingOperations"]) {
    super("the last run was interrupted");
  }
}

const EMPTY_OUTPUTS: PropertyMap = {};

/** @throws InterruptedRun when the run before died in the middle of an operation. */
export function up(options: EngineOptions): Promise<RunResult> {
  return withDeployment(options, false, async (session) => {
    refuseInterrupted(session.file.initial);
    await session.runProgram();
  });
}

/** What `up` would do. Nothing is changed, and the state is not written. */
export function preview(options: EngineOptions): Promise<RunResult> {
  return withDeployment(options, true, (session) => session.runProgram());
}

/** @throws InterruptedRun when the run before died in the middle of an operation. */
export function destroy(options: EngineOptions): Promise<RunResult> {
  return withDeployment(options, false, async ({ file, deployment }) => {
    refuseInterrupted(file.initial);
    await deployment.deleteAll();
  });
}

/** Makes the state say what is really there, what an interrupted run left included. */
export function refreshState(options: EngineOptions, find: FindInterrupted): Promise<RunResult> {
  return withDeployment(options, false, async ({ file, deployment }) => {
    await refresh(deployment, file.initial.pendingOperations, find);
    await deployment.snapshot.save();
  });
}

/** Makes the state say what is really there of these resources alone; interrupted operations stay on record. */
export function refreshTargets(options: EngineOptions, urns: readonly Urn[]): Promise<RunResult> {
  return withDeployment(options, false, ({ deployment }) => refreshOnly(deployment, new Set(urns)));
}

/** The outputs of the stack, secrets marked; empty when it has none. */
export async function stackOutputs(statePath: string, passphrase: string): Promise<PropertyMap> {
  if (!existsSync(statePath)) {
    return EMPTY_OUTPUTS;
  }
  const file = await StateFile.open(statePath, passphrase);
  const root = file.initial.resources.find((resource) => resource.type === "pulumi:pulumi:Stack");
  return root?.outputs ?? EMPTY_OUTPUTS;
}

interface Session {
  readonly file: StateFile;
  readonly deployment: Deployment;
  runProgram(): Promise<void>;
}

async function withDeployment(
  options: EngineOptions,
  preview: boolean,
  work: (session: Session) => Promise<void>,
): Promise<RunResult> {
  const { stack, config, observer, parallel } = options;
  const file = await StateFile.open(options.statePath, options.passphrase);
  const project = readProjectFile(options.projectDir);
  const monitor = new MonitorServer(stack, project.name);
  const address = await monitor.listen();
  const providers = new Providers(options.commandFor, address, (line) => observer.diagnostic?.("info", line, ""));
  const snapshot = new Snapshot(file.initial, preview ? undefined : file);
  const deployment = new Deployment(
    { project: project.name, stack, config, preview, parallel, observer },
    file.initial.resources,
    snapshot,
    providers,
  );
  const { signal } = options;
  if (signal?.aborted) {
    deployment.stop();
  }
  signal?.addEventListener("abort", () => deployment.stop());
  const runProgram = () => run(options, project, deployment, monitor, address, preview);
  try {
    if (!deployment.isStopped) {
      await work({ file, deployment, runProgram });
    }
    await deployment.settled();
  } catch (error) {
    if (!(error instanceof DeploymentStopped)) {
      throw error;
    }
  } finally {
    monitor.close();
    await providers.stop();
    await deployment.review?.stop();
  }
  return {
    ok: deployment.failures.length === 0 && !deployment.isStopped,
    failures: deployment.failures,
    policies: (await deployment.review?.size()) ?? 0,
    state: snapshot.current(),
  };
}

async function run(
  options: EngineOptions,
  project: ProjectFile,
  deployment: Deployment,
  monitor: MonitorServer,
  address: string,
  preview: boolean,
): Promise<void> {
  const { projectDir, stack, config, env, parallel, observer, policyPack } = options;
  if (policyPack !== undefined) {
    const about = { project: project.name, stack, config, address, preview };
    const pack = PolicyPack.start(policyPack, about, (line) => observer.diagnostic?.("info", line, ""));
    deployment.review = new PolicyReview(pack, deployment);
  }
  let finished = false;
  const stop = async () => {
    await deployment.settled();
    program.kill();
  };
  monitor.serve({
    register: (goal) => deployment.register(goal),
    registerOutputs: (urn, outputs) => deployment.registerOutputs(urn, outputs),
    failed: (urn, error) => {
      if (!(error instanceof DeploymentStopped)) {
        deployment.fail(urn, error.message);
      }
      void stop();
    },
    shutdown: async () => {
      await deployment.settled();
      await deployment.approveStack();
      await deployment.deleteUnregistered();
      finished = true;
    },
    log: (severity, message, urn) => observer.diagnostic?.(severity, message, urn),
  });
  const program = Program.start({ projectDir, project, stack, config, address, preview, parallel, env });
  options.signal?.addEventListener("abort", () => void stop());
  const { status, output } = await program.ended();
  await deployment.settled();
  if (deployment.isStopped || (finished && status === 0)) {
    return;
  }
  const told = status === EXIT_AFTER_LOGGED_ERROR;
  const message = told
    ? "the program failed; its error is above"
    : `the program ended with status ${status}\n${output}`;
  deployment.fail("", message.trim());
}

function refuseInterrupted(state: DeploymentState): void {
  if (state.pendingOperations.length > 0) {
    throw new InterruptedRun(state.pendingOperations);
  }
}
