import { STACK_TYPE } from "../../domain/resource-types";
import type { Props } from "../protocol/property-values";
import { ChangingCalls } from "./changing-calls";
import { ComponentLifecycle } from "./component-lifecycle";
import { deletionLevels, protectedMessage } from "./deletions";
import type { Goal } from "./goal";
import type { Invocation } from "./monitor";
import type { PolicyReview } from "./policy-review";
import type { Invoked } from "./provider-client";
import { ProviderRegistration } from "./provider-registration";
import { ResourceLifecycle } from "./resource-lifecycle";
import { type Run, RunStopped } from "./run";
import type { ResourceState } from "./state";
import { isFailedCall, type Registered, Steps } from "./steps";
import { createUrn, isProviderType, type Urn } from "./urn";

/**
 * One run over a stack: the program registers what should be, each resource is brought there as it comes, and what the
 * program no longer names is deleted at the end.
 */
export class Deployment {
  private readonly olds: ReadonlyMap<Urn, ResourceState>;
  private readonly registered = new Map<Urn, ResourceState>();
  private readonly taken = new Set<Urn>();
  private stackOutputs: { readonly state: ResourceState; readonly outputs: Props } | undefined;
  private readonly approve: (resource: ResourceState) => Promise<void>;
  private readonly calls: ChangingCalls;
  private readonly steps: Steps;
  private readonly lifecycle: ResourceLifecycle;
  private readonly components: ComponentLifecycle;
  private readonly providerRegistration: ProviderRegistration;

  /**
   * @param replaced What an earlier run replaced and did not come to delete.
   * @param review Is asked about every resource before anything is done to it, and about all of them when the program has ended.
   */
  constructor(
    private readonly run: Run,
    private readonly replaced: readonly ResourceState[],
    private readonly review: PolicyReview | undefined,
  ) {
    this.olds = new Map(run.known.map((resource) => [resource.urn, resource]));
    this.approve = async (resource: ResourceState) => {
      await review?.resource(resource);
    };
    this.providerRegistration = new ProviderRegistration(run, this.approve);
    this.calls = new ChangingCalls(run);
    this.steps = new Steps(run);
    this.lifecycle = new ResourceLifecycle(run, this.calls, this.steps, this.approve);
    this.components = new ComponentLifecycle(run, this.steps, this.approve);
  }

  /** Brings a resource to its goal and returns what it then is. */
  register(goal: Goal): Promise<Registered> {
    return this.run.track(async () => {
      this.run.assertRunning();
      const { stack, project } = this.run.options;
      const urn = createUrn(stack, project, goal.parent, goal.type, goal.name);
      if (this.taken.has(urn)) throw new Error(`the program registers ${urn} twice; give one of the two another name`);
      this.taken.add(urn);
      const former = goal.aliases.find((alias) => alias !== urn && this.olds.has(alias));
      if (former !== undefined) {
        throw new Error(`the program renames ${former} to ${urn}, which the rehearsal engine does not support`);
      }
      this.run.goals.set(urn, goal);
      const registered = await this.bring(urn, goal, this.olds.get(urn));
      if (registered.result === "success") this.registered.set(urn, registered.state);
      return registered;
    });
  }

  private async bring(urn: Urn, goal: Goal, old: ResourceState | undefined): Promise<Registered> {
    if (isProviderType(goal.type)) {
      return { result: "success", state: await this.providerRegistration.explicit(urn, goal, old) };
    }
    return goal.custom ? this.bringCustom(urn, goal, old) : this.components.bring(urn, goal, old);
  }

  private async bringCustom(urn: Urn, goal: Goal, old: ResourceState | undefined): Promise<Registered> {
    const reference =
      goal.provider === "" ? await this.providerRegistration.defaultFor(goal, this.olds, this.taken) : goal.provider;
    const client = await this.run.providers.get(reference, this.run.known);
    return this.lifecycle.bring({ urn, goal, old, reference, client });
  }

  /** Asks a provider's function, in a preview too. */
  invoke({ token, args, provider, version }: Invocation): Promise<Invoked> {
    return this.run.track(async () => {
      this.run.assertRunning();
      const goal = { type: token, version };
      const reference =
        provider === "" ? await this.providerRegistration.defaultFor(goal, this.olds, this.taken) : provider;
      const client = await this.run.providers.get(reference, this.run.known);
      return client.invoke(token, args);
    });
  }

  /** Records what a component gives out; what the stack itself does is kept for the end of the run. */
  registerOutputs(urn: Urn, outputs: Props): Promise<void> {
    return this.run.track(async () => {
      this.run.assertRunning();
      // Of a component that is skipped Pulumi takes no outputs either, and ends the run.
      const state = this.registered.get(urn);
      if (state === undefined) throw new Error(`cannot complete ${urn}, which is not registered, or was skipped`);
      if (state.type === STACK_TYPE) {
        this.stackOutputs = { state, outputs };
      } else {
        await this.settleOutputs(state, outputs);
      }
    });
  }

  /** At the end of a run that failed, what the program did not say of the stack stays as it was. */
  async settleStackOutputs(): Promise<void> {
    if (this.stackOutputs === undefined) return;
    const { state, outputs } = this.stackOutputs;
    const failed = this.run.failures.length > 0 || this.run.isStopped;
    await this.settleOutputs(state, failed ? { ...state.outputs, ...outputs } : outputs);
  }

  private async settleOutputs(state: ResourceState, outputs: Props): Promise<void> {
    const { outputs: _, ...rest } = state;
    const next = Object.keys(outputs).length > 0 ? { ...rest, outputs } : rest;
    this.registered.set(state.urn, next);
    await this.run.snapshot.settle(state, next);
  }

  /**
   * Shows everything that the program has registered to the policy pack; what it refuses ends an update. After a failure that is
   * not everything, and nobody is asked.
   */
  async approveStack(): Promise<void> {
    if (this.run.isStopped || this.review === undefined || (this.run.failures.length > 0 && !this.run.preview)) return;
    const holds = await this.review.stack([...this.registered.values(), ...this.run.providers.defaults]);
    if (!holds && !this.run.preview) this.run.stop();
  }

  /** Deletes what the program no longer names. */
  async deleteUnregistered(): Promise<void> {
    await this.delete(this.run.known.filter((resource) => !this.taken.has(resource.urn)));
  }

  /** Deletes every resource of the stack. */
  async deleteAll(): Promise<void> {
    await this.delete(this.run.known);
  }

  private async delete(unwanted: readonly ResourceState[]): Promise<void> {
    const candidates = [...unwanted, ...this.replaced, ...this.lifecycle.replaced];
    const deleted = new Set(unwanted.map((resource) => resource.urn));
    for (const level of deletionLevels(candidates)) {
      if (this.run.isStopped) return;
      const next = level.filter((resource) => !this.steps.keeps(resource));
      await Promise.all(next.map((resource) => this.deleteOne(resource, deleted)));
    }
  }

  private async deleteOne(resource: ResourceState, deleted: ReadonlySet<Urn>): Promise<void> {
    const op = resource.delete ? "delete-replaced" : "delete";
    if (resource.protect && !resource.delete) {
      this.failedDeletion(resource, protectedMessage(resource.urn));
      return;
    }
    const takenAlong = resource.deletedWith !== undefined && deleted.has(resource.deletedWith);
    await this.run
      .track(() => this.calls.delete(resource, op, takenAlong))
      .catch((error: unknown) => {
        if (isFailedCall(error)) this.failedDeletion(resource, error.message);
        else if (!(error instanceof RunStopped)) this.run.fail(resource.urn, (error as Error).message);
      });
  }

  private failedDeletion(resource: ResourceState, message: string): void {
    if (!this.run.options.continueOnError) this.run.stop();
    this.steps.failed(resource.urn, message, resource);
  }
}
