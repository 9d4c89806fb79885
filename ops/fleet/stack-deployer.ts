/** How the stacks of a fleet are deployed: by the Pulumi CLI, or in a rehearsal by its engine. */
export interface StackDeployer {
  /** The names of the stacks that have been made, with or without settings here. */
  existing(): Promise<ReadonlySet<string>>;
  /** What a stack holds, according to its state. */
  holdings(stack: string): Promise<Holdings>;
  /** Never makes a stack. Goes on past a resource that fails, to what does not depend on it. */
  deploy(stack: string, operation: Operation, tell: (event: DeploymentEvent) => void): Promise<Deployed>;
  /** Every stack finishes what is under way, and begins nothing more. */
  stop(): void;
  /** Every stack ends in the middle of what it does. */
  endAtOnce(): void;
}

export type Operation = "up" | "preview" | "destroy";

/** What a stack's state says of it. */
export interface Holdings {
  /** Slugs, sorted. */
  readonly tenants: readonly string[];
  /** Those of them that lack their gate, which comes last. */
  readonly unfinished: readonly string[];
  /** Number of its resources. */
  readonly resources: number;
  /** Whether PUBLIC is shut out of the shared database by it. */
  readonly sharedDatabase: boolean;
  /** Number of operations that a run which died has left in the middle. */
  readonly interrupted: number;
}

/** What a deployment tells while it runs. */
export type DeploymentEvent = StepEvent | MessageEvent | StatusEvent;

/** A step of one resource. In a preview, what would be done counts as done. */
export interface StepEvent {
  readonly kind: "step";
  readonly urn: string;
  /** By Pulumi's names, for example `create` or `same`. */
  readonly op: string;
  /** "skipped": not begun, since something that it depends on failed. Pulumi's CLI tells nothing of these. */
  readonly status: "begun" | "done" | "failed" | "skipped";
}

export interface MessageEvent {
  readonly kind: "message";
  readonly severity: "warning" | "error";
  /** Empty where it concerns no single resource. */
  readonly urn: string;
  /** Fit for a terminal; may have several lines. */
  readonly text: string;
}

/** How far something is that takes long. */
export interface StatusEvent {
  readonly kind: "status";
  /** Fit for a terminal. */
  readonly text: string;
}

export interface Deployed {
  readonly ok: boolean;
  /** Whether it was told to stop before it had done everything. */
  readonly stopped: boolean;
  /** Why it failed, in case no message says so. */
  readonly reason: string;
}
