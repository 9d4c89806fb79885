import pLimit, { type LimitFunction } from "p-limit";
import type { Goal } from "./goal";
import type { Providers, StackConfig } from "./providers";
import type { Snapshot } from "./snapshot";
import type { ResourceState } from "./state";
import type { DeploymentObserver } from "./step";
import type { Urn } from "./urn";

export interface RunOptions {
  readonly project: string;
  readonly stack: string;
  readonly config: StackConfig;
  /** Nothing outside is changed; providers that support a preview are asked what the outcome would be. */
  readonly preview: boolean;
  /** A step that fails ends nothing but what depends on it. */
  readonly continueOnError: boolean;
  /** Most provider calls under way at once. */
  readonly parallel: number;
  readonly observer: DeploymentObserver;
}

/** What went wrong, and with which resource; the URN is empty where it concerns no single resource. */
export interface Failure {
  readonly urn: Urn;
  readonly message: string;
}

/** Thrown to work that a run which has failed, or was told to stop, will not carry out any more. */
export class RunStopped extends Error {
  constructor() {
    super("the deployment has stopped");
  }
}

/** What all parts of one run over a stack share: its options, state and providers, whether it goes on, and what failed. */
export class Run {
  readonly failures: Failure[] = [];
  /** What the program asked for, which is more than a resource's state keeps of it. */
  readonly goals = new Map<Urn, Goal>();
  private stopped = false;
  private readonly limit: LimitFunction;
  private readonly active = new Set<Promise<unknown>>();

  constructor(
    readonly options: RunOptions,
    /** Resources of the state this run began with, without those that an earlier run replaced. */
    readonly known: readonly ResourceState[],
    readonly snapshot: Snapshot,
    readonly providers: Providers,
  ) {
    this.limit = pLimit(options.parallel);
  }

  get observer(): DeploymentObserver {
    return this.options.observer;
  }

  get preview(): boolean {
    return this.options.preview;
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  /** Nothing more is begun; what is under way is finished. */
  stop(): void {
    this.stopped = true;
  }

  fail(urn: Urn, message: string): void {
    this.stop();
    this.addFailures([{ urn, message }]);
  }

  /** Makes the run a failed one, without ending it. */
  addFailures(failures: readonly Failure[]): void {
    for (const { urn, message } of failures) {
      this.failures.push({ urn, message });
      this.observer.failed?.(urn, message);
    }
  }

  /** Runs a provider call within the run's limit, unless the run has stopped by then. */
  limited<Result>(call: () => Promise<Result>): Promise<Result> {
    return this.limit(() => {
      this.assertRunning();
      return call();
    });
  }

  /** Begins work that `settled` waits for. */
  track<Result>(work: () => Promise<Result>): Promise<Result> {
    const promise = work();
    this.active.add(promise);
    const forget = () => {
      this.active.delete(promise);
    };
    promise.then(forget, forget);
    return promise;
  }

  /** Resolves when nothing of this run is under way. */
  async settled(): Promise<void> {
    while (this.active.size > 0) await Promise.allSettled(this.active);
  }

  assertRunning(): void {
    if (this.stopped) throw new RunStopped();
  }
}
