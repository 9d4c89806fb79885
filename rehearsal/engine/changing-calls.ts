import { markSecrets, type Props } from "../protocol/property-values";
import { type Observed, PluginLost, ProviderError } from "./provider-answers";
import { now, recorded, type Subject, stateOf } from "./resource-states";
import type { Run } from "./run";
import type { SettleOptions } from "./snapshot";
import type { OperationType, PendingOperation, ResourceState } from "./state";
import type { Step, StepOp } from "./step";

/** What a call that changes something came to; with `failure`, `observed` is what is there nevertheless. */
interface Outcome {
  readonly observed: Observed;
  readonly operation: PendingOperation | undefined;
  readonly failure?: ProviderError;
}

/** Provider calls that change something; from before a call until its outcome is settled, its operation stands in the state. */
export class ChangingCalls {
  constructor(private readonly run: Run) {}

  /** @param takenAlong Another resource's deletion takes this one along, so no provider is asked. */
  async delete(resource: ResourceState, op: StepOp, takenAlong: boolean): Promise<void> {
    const { run } = this;
    const step: Step = { op, urn: resource.urn, old: resource };
    const { provider } = resource;
    if (provider === undefined || takenAlong || run.preview) {
      run.observer.planned?.(step);
      await run.snapshot.settle(resource, undefined);
    } else {
      const client = await run.providers.get(provider, run.known);
      const { operation, failure } = await this.perform(step, "deleting", async () => {
        await client.delete(resource.urn, resource.id ?? "", recorded(resource));
        return { id: undefined, properties: {} };
      });
      if (failure !== undefined) {
        await run.snapshot.resolve(operation);
        throw failure;
      }
      await run.snapshot.settle(resource, undefined, { operation });
    }
    run.observer.done?.(step);
  }

  /** Carries out a call that changes something; from before it until its outcome is settled, the operation is on record. */
  perform(step: Step, type: OperationType, call: () => Promise<Observed>): Promise<Outcome> {
    const { run } = this;
    return run.limited(async () => {
      run.observer.planned?.(step);
      const resource = type === "deleting" ? step.old : step.next;
      const operation = run.preview || resource === undefined ? undefined : await run.snapshot.begin(type, resource);
      await run.observer.beforeCall?.(step);
      let outcome: Outcome;
      try {
        outcome = { observed: await call(), operation };
      } catch (error) {
        if (!(error instanceof ProviderError) || error.partial === undefined) {
          // Of a plugin that ended in the middle nobody knows whether it had done its work: that stays on record.
          if (!(error instanceof PluginLost)) await run.snapshot.resolve(operation);
          throw error;
        }
        outcome = { observed: error.partial, operation, failure: error };
      }
      await run.observer.afterCall?.(step);
      return outcome;
    });
  }

  /** Puts what a create or update made into the state, then fails if it was only half of it. */
  async conclude(
    step: Step,
    subject: Subject,
    old: ResourceState | undefined,
    inputs: Props,
    { observed, operation, failure }: Outcome,
    replaced?: SettleOptions["replaced"],
  ): Promise<ResourceState> {
    const outputs = markSecrets(observed.properties, subject.goal.additionalSecretOutputs);
    // A failed update leaves the inputs as they were, so that the next run sees a difference and tries again.
    const kept = failure === undefined ? inputs : (old?.inputs ?? inputs);
    const made = stateOf(subject, kept, { id: observed.id ?? old?.id, outputs }, old, now());
    const next: ResourceState =
      failure === undefined ? made : { ...made, initErrors: failure.partial?.reasons ?? [failure.message] };
    await this.run.snapshot.settle(old, next, { operation, replaced });
    if (failure !== undefined) throw failure;
    this.run.observer.done?.({ ...step, next });
    return next;
  }
}
