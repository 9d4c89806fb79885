import { deletionLevels, deletionWithoutCall, protectedMessage } from "./deletions";
import { aliasUrns, type Goal } from "./goal";
import { Limiter } from "./limiter";
import type { PolicyReview } from "./policy-review";
import { equalValues, type PropertyMap } from "./property-values";
import { ProviderRegistration } from "./provider-registration";
import type { Providers, StackConfig } from "./providers";
import { ResourceLifecycle } from "./resource-lifecycle";
import type { Snapshot } from "./snapshot";
import type { ResourceState } from "./state";
import type { DeploymentObserver, Step, StepOp } from "./step";
import { createUrn, isProviderType, type Urn } from "./urn";

export interface DeploymentOptions {
  readonly project: string;
  readonly stack: string;
  readonly config: StackConfig;
  /** Nothing outside is changed; providers that can are asked what would come out. */
  readonly preview: boolean;
  /** Most provider calls under way at once. */
  readonly parallel: number;
  readonly observer: DeploymentObserver;
}

/** What went wrong, and with which resource; an empty URN where it is none's. */
export interface Failure {
  readonly urn: Urn;
  readonly message: string;
}

/** Thrown to work that a deployment which has failed, or was told to stop, will not carry out any more. */
export class DeploymentStopped extends Error {}

/**
 * One run over a stack: the program registers what should be, each resource is brought there as it comes, and what the
 * program no longer names is deleted at the end.
 */
export class Deployment {
  readonly failures: Failure[] = [];
  /** Asked about every resource before anything is done to it, and about all of them when the program has ended. */
  review: PolicyReview | undefined;
  private stopped = false;
  private readonly limiter: Limiter;
  private readonly olds = new Map<Urn, ResourceState>();
  private readonly registered = new Map<Urn, ResourceState>();
  private readonly goals = new Map<Urn, Goal>();
  private readonly taken = new Set<Urn>();
  private readonly aliases = new Map<Urn, readonly Urn[]>();
  /** What this run replaced or was found replaced, still to be deleted. */
  private readonly discarded: ResourceState[];
  private readonly lifecycle: ResourceLifecycle;
  private readonly providerRegistration: ProviderRegistration;
  private readonly active = new Set<Promise<unknown>>();

  constructor(
    private readonly options: DeploymentOptions,
    private readonly base: readonly ResourceState[],
    readonly snapshot: Snapshot,
    readonly providers: Providers,
  ) {
    this.limiter = new Limiter(options.parallel);
    this.discarded = base.filter((resource) => resource.delete);
    for (const resource of base.filter((state) => !state.delete)) {
      this.olds.set(resource.urn, resource);
    }
    const approve = (provider: ResourceState) => this.approve(provider);
    this.providerRegistration = new ProviderRegistration(options, providers, snapshot, approve);
    this.lifecycle = new ResourceLifecycle(this);
  }

  get observer(): DeploymentObserver {
    return this.options.observer;
  }

  get preview(): boolean {
    return this.options.preview;
  }

  /** Resources of the state this run began with, replaced ones left out. */
  get known(): readonly ResourceState[] {
    return [...this.olds.values()];
  }

  /** Brings a resource to its goal and returns what it then is. */
  register(goal: Goal): Promise<ResourceState> {
    return this.track(async () => {
      this.assertRunning();
      const { stack, project } = this.options;
      const urn = createUrn(stack, project, goal.parent, goal.type, goal.name);
      if (this.taken.has(urn)) {
        throw new Error(`the program registers ${urn} twice; give one of the two another name`);
      }
      this.taken.add(urn);
      this.goals.set(urn, goal);
      const aliases = aliasUrns(goal, stack, project, this.aliases.get(goal.parent) ?? []);
      this.aliases.set(urn, aliases);
      const old = [urn, ...aliases].map((candidate) => this.olds.get(candidate)).find((state) => state !== undefined);
      if (old !== undefined) {
        this.taken.add(old.urn);
      }
      const state = await this.bring(urn, goal, old);
      this.registered.set(urn, state);
      return state;
    });
  }

  private bring(urn: Urn, goal: Goal, old: ResourceState | undefined): Promise<ResourceState> {
    if (isProviderType(goal.type)) {
      return this.providerRegistration.explicit(urn, goal, old);
    }
    return goal.custom ? this.bringCustom(urn, goal, old) : this.bringComponent(urn, goal, old);
  }

  private async bringCustom(urn: Urn, goal: Goal, old: ResourceState | undefined): Promise<ResourceState> {
    const reference =
      goal.provider === "" ? await this.providerRegistration.defaultFor(goal, this.olds, this.taken) : goal.provider;
    const client = await this.providers.get(reference, this.known);
    return this.lifecycle.bring({ urn, goal, old, reference, client });
  }

  private async bringComponent(urn: Urn, goal: Goal, old: ResourceState | undefined): Promise<ResourceState> {
    const now = new Date().toISOString();
    const changed = old !== undefined && !equalValues(old.inputs ?? {}, goal.inputs);
    const op: StepOp = old === undefined ? "create" : changed ? "update" : "same";
    const wanted: ResourceState = {
      urn,
      custom: false,
      type: goal.type,
      ...(Object.keys(goal.inputs).length > 0 ? { inputs: goal.inputs } : {}),
      ...(goal.parent === "" ? {} : { parent: goal.parent }),
      ...(goal.protect ? { protect: true } : {}),
      ...(goal.dependencies.length > 0 ? { dependencies: goal.dependencies } : {}),
      ...(old?.created === undefined ? {} : { created: old.created, modified: old.modified ?? old.created }),
    };
    await this.approve(wanted);
    const step: Step = { op, urn, old, next: wanted };
    this.observer.planned?.(step);
    const next: ResourceState = {
      ...wanted,
      // What a component gives out stays until the program says what it is now.
      ...(old?.outputs === undefined ? {} : { outputs: old.outputs }),
      created: old?.created ?? now,
      modified: changed ? now : (old?.modified ?? now),
    };
    await this.snapshot.settle(old, next);
    this.observer.done?.({ ...step, next });
    return next;
  }

  /** Records what a component, or the stack itself, gives out. */
  registerOutputs(urn: Urn, outputs: PropertyMap): Promise<void> {
    return this.track(async () => {
      this.assertRunning();
      const state = this.registered.get(urn);
      if (state === undefined) {
        throw new Error(`the program gives outputs of ${urn}, which it has not registered`);
      }
      const { outputs: _, ...rest } = state;
      const next = Object.keys(outputs).length > 0 ? { ...rest, outputs } : rest;
      this.registered.set(urn, next);
      await this.snapshot.settle(state, next);
    });
  }

  /** Puts a resource before the policy pack, when there is one. */
  async approve(resource: ResourceState): Promise<void> {
    await this.review?.resource(resource);
  }

  /** Puts all that the program has registered before the policy pack; what it refuses ends an update. */
  async approveStack(): Promise<void> {
    if (this.stopped || this.review === undefined) {
      return;
    }
    const holds = await this.review.stack([...this.registered.values(), ...this.providers.defaults]);
    this.stopped ||= !holds && !this.preview;
  }

  /** What the program asked for, besides what a resource's state keeps of it. */
  goalOf(urn: Urn): Goal | undefined {
    return this.goals.get(urn);
  }

  /** Makes the run a failed one, without ending it. */
  deplore(failures: readonly Failure[]): void {
    for (const { urn, message } of failures) {
      this.failures.push({ urn, message });
      this.observer.failed?.(urn, message);
    }
  }

  /** Deletes what the program no longer names. */
  async deleteUnregistered(): Promise<void> {
    await this.delete(this.base.filter((resource) => !resource.delete && !this.taken.has(resource.urn)));
  }

  /** Deletes every resource of the stack. */
  async deleteAll(): Promise<void> {
    await this.delete(this.base.filter((resource) => !resource.delete));
  }

  private async delete(unwanted: readonly ResourceState[]): Promise<void> {
    const candidates = [...unwanted, ...this.discarded];
    const deleted = new Set(unwanted.map((resource) => resource.urn));
    for (const level of deletionLevels(candidates)) {
      if (this.stopped) {
        return;
      }
      await Promise.all(level.map((resource) => this.deleteOne(resource, deleted)));
    }
  }

  private async deleteOne(resource: ResourceState, deleted: ReadonlySet<Urn>): Promise<void> {
    const op = resource.delete ? "delete-replaced" : "delete";
    if (resource.protect && !resource.delete) {
      this.fail(resource.urn, protectedMessage(resource.urn));
      return;
    }
    const withoutCall = deletionWithoutCall(resource, deleted);
    await this.track(() => this.lifecycle.delete(resource, op, withoutCall)).catch((error: Error) => {
      if (!(error instanceof DeploymentStopped)) {
        this.fail(resource.urn, error.message);
      }
    });
  }

  /** What a replacement leaves behind is deleted when everything else is in place. */
  discard(resource: ResourceState): void {
    this.discarded.push(resource);
  }

  /** Runs a provider call within the run's limit, unless the run has stopped by then. */
  limited<Result>(call: () => Promise<Result>): Promise<Result> {
    return this.limiter.run(() => {
      this.assertRunning();
      return call();
    });
  }

  fail(urn: Urn, message: string): void {
    this.stopped = true;
    this.deplore([{ urn, message }]);
  }

  /** Begins nothing more; what is under way is finished. */
  stop(): void {
    this.stopped = true;
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  /** Resolves when nothing of this run is under way. */
  async settled(): Promise<void> {
    while (this.active.size > 0) {
      await Promise.allSettled(this.active);
    }
  }

  private assertRunning(): void {
    if (this.stopped) {
      throw new DeploymentStopped("the deployment has stopped");
    }
  }

  private track<Result>(work: () => Promise<Result>): Promise<Result> {
    const promise = work();
    this.active.add(promise);
    const forget = () => {
      this.active.delete(promise);
    };
    promise.then(forget, forget);
    return promise;
  }
}
