/** The rehearsal's counterpart of the Pulumi CLI's `up`, `preview`, `destroy`, `refresh` and `stack output`. */
import { existsSync } from "node:fs";
import { STACK_TYPE } from "../../domain/resource-types";
import type { StartPlugin } from "../protocol/plugin";
import type { Props } from "../protocol/property-values";
import { Deployment } from "./deployment";
import { MonitorServer } from "./monitor";
import type { StartPolicyPack } from "./policy-pack";
import { PolicyReview } from "./policy-review";
import { Program, readProjectFile, type StartProgram } from "./program";
import { Providers, type StackConfig } from "./providers";
import { type FindInterrupted, refresh, refreshOnly } from "./refresh";
import { type Failure, Run, RunStopped } from "./run";
import { runProgram } from "./run-program";
import { Snapshot } from "./snapshot";
import type { DeploymentState } from "./state";
import { StateFile } from "./state-file";
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
  readonly pluginFor: (packageName: string) => StartPlugin;
  /** The policy pack that `up` and `preview` ask; none when it is left out. */
  readonly policyPack?: StartPolicyPack | undefined;
  /** Environment of the program. */
  readonly env: NodeJS.ProcessEnv;
  /** Starts the program; default: in a process of its own. */
  readonly startProgram?: StartProgram | undefined;
  /** Whether `up` and `destroy` go on past a step that fails, as Pulumi does with `--continue-on-error`. */
  readonly continueOnError: boolean;
  readonly parallel: number;
  readonly observer: DeploymentObserver;
  /** Aborting it begins nothing more and finishes what is under way. */
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly ok: boolean;
  /** In the order in which they were met. */
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

const EMPTY_OUTPUTS: Props = {};

/** @throws InterruptedRun when the run before died in the middle of an operation. */
export function up(options: EngineOptions): Promise<RunResult> {
  return withRun(options, false, async ({ file, carryOut }) => {
    refuseInterrupted(file.initial);
    await carryOut();
  });
}

/** What `up` would do. Nothing is changed, and the state is not written. */
export function preview(options: EngineOptions): Promise<RunResult> {
  return withRun(options, true, ({ carryOut }) => carryOut());
}

/** @throws InterruptedRun when the run before died in the middle of an operation. */
export function destroy(options: EngineOptions): Promise<RunResult> {
  return withRun(options, false, async ({ file, deployment }) => {
    refuseInterrupted(file.initial);
    await deployment.deleteAll();
  });
}

/** Makes the state say what is really there, what an interrupted run left included. */
export function refreshState(options: EngineOptions, find: FindInterrupted): Promise<RunResult> {
  return withRun(options, false, async ({ file, run }) => {
    await refresh(run, file.initial.pendingOperations, find);
    await run.snapshot.save();
  });
}

/** Makes the state say what is really there of these resources alone; interrupted operations stay on record. */
export function refreshTargets(options: EngineOptions, urns: readonly Urn[]): Promise<RunResult> {
  return withRun(options, false, ({ run }) => refreshOnly(run, new Set(urns)));
}

/** The outputs of the stack, secrets marked; empty when it has none. */
export async function stackOutputs(statePath: string, passphrase: string): Promise<Props> {
  if (!existsSync(statePath)) return EMPTY_OUTPUTS;
  const file = await StateFile.open(statePath, passphrase);
  const root = file.initial.resources.find((resource) => resource.type === STACK_TYPE);
  return root?.outputs ?? EMPTY_OUTPUTS;
}

interface Work {
  readonly file: StateFile;
  readonly run: Run;
  readonly deployment: Deployment;
  /** Carries out what the program asks for. */
  carryOut(): Promise<void>;
}

async function withRun(
  options: EngineOptions,
  preview: boolean,
  work: (parts: Work) => Promise<void>,
): Promise<RunResult> {
  const { stack, config, observer, parallel, signal } = options;
  const file = await StateFile.open(options.statePath, options.passphrase);
  const project = readProjectFile(options.projectDir);
  const monitor = new MonitorServer(stack, project.name, (message) => observer.status?.(message));
  const address = await monitor.listen();
  const print = (line: string) => observer.diagnostic?.("info", line, "");
  const { resources } = file.initial;
  const run = new Run(
    // `pulumi preview` knows no `--continue-on-error`.
    {
      project: project.name,
      stack,
      config,
      preview,
      continueOnError: options.continueOnError && !preview,
      parallel,
      observer,
    },
    resources.filter((resource) => !resource.delete),
    new Snapshot(file.initial, preview ? undefined : file),
    new Providers(options.pluginFor, address, print),
  );
  const review = options.policyPack && new PolicyReview(run, options.policyPack, address, print);
  const deployment = new Deployment(
    run,
    resources.filter((resource) => resource.delete),
    review,
  );
  const stop = () => run.stop();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  const carryOut = async () => {
    review?.start();
    const program = { projectDir: options.projectDir, project, address, env: options.env };
    await runProgram(options.startProgram ?? Program.start, program, run, deployment, monitor, signal);
  };
  try {
    if (!run.isStopped) await work({ file, run, deployment, carryOut });
    await run.settled();
  } catch (error) {
    if (!(error instanceof RunStopped)) throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    monitor.close();
    await run.providers.stop();
    await review?.stop();
  }
  return {
    ok: run.failures.length === 0 && !run.isStopped,
    failures: run.failures,
    policies: (await review?.size()) ?? 0,
    state: run.snapshot.current(),
  };
}

function refuseInterrupted(state: DeploymentState): void {
  if (state.pendingOperations.length > 0) throw new InterruptedRun(state.pendingOperations);
}
