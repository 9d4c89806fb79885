import { equalValues } from "../protocol/property-values";
import type { Goal } from "./goal";
import { now, optionsOf } from "./resource-states";
import type { Run } from "./run";
import type { ResourceState } from "./state";
import type { Step, StepOp } from "./step";
import type { Registered, Steps } from "./steps";
import type { Urn } from "./urn";

/** What becomes of a resource that no provider manages. */
export class ComponentLifecycle {
  constructor(
    private readonly run: Run,
    private readonly steps: Steps,
    private readonly approve: (resource: ResourceState) => Promise<void>,
  ) {}

  /** Brings a component to its goal and returns what it then is. */
  async bring(urn: Urn, goal: Goal, old: ResourceState | undefined): Promise<Registered> {
    const changed = old !== undefined && !equalValues(old.inputs ?? {}, goal.inputs);
    const op: StepOp = old === undefined ? "create" : changed ? "update" : "same";
    const { created = now(), modified = created } = old ?? {};
    const wanted: ResourceState = {
      urn,
      custom: false,
      type: goal.type,
      ...(Object.keys(goal.inputs).length > 0 ? { inputs: goal.inputs } : {}),
      ...optionsOf(goal),
      ...(old === undefined ? {} : { created, modified }),
    };
    await this.approve(wanted);
    return this.steps.carryOut(wanted, async () => {
      const step: Step = { op, urn, old, next: wanted };
      this.run.observer.planned?.(step);
      const next: ResourceState = {
        ...wanted,
        // What a component gives out stays until the program says what it is now.
        ...(old?.outputs === undefined ? {} : { outputs: old.outputs }),
        created,
        modified: changed ? now() : modified,
      };
      await this.run.snapshot.settle(old, next);
      this.run.observer.done?.({ ...step, next });
      return next;
    });
  }
}
