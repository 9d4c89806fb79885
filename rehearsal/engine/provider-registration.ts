import { hasUnknown, type Props, UNKNOWN } from "../protocol/property-values";
import { compareInputs, decide } from "./diff";
import type { Goal } from "./goal";
import type { ProviderClient } from "./provider-client";
import { DYNAMIC_PACKAGE, defaultProvider, newProviderId, Providers } from "./providers";
import { optionsOf } from "./resource-states";
import type { Run } from "./run";
import type { ResourceState } from "./state";
import type { Step, StepOp } from "./step";
import { packageOf, providedPackage, type Urn } from "./urn";

/** Brings provider resources to their goal: those that the program declares, and the default ones it leaves to the engine. */
export class ProviderRegistration {
  private readonly defaults = new Map<Urn, Promise<string>>();

  constructor(
    private readonly run: Run,
    private readonly approve: (provider: ResourceState) => Promise<void>,
  ) {}

  async explicit(urn: Urn, goal: Goal, old: ResourceState | undefined): Promise<ResourceState> {
    const inputs = goal.version === "" ? goal.inputs : { ...goal.inputs, version: goal.version };
    const options = { ...optionsOf(goal), propertyDependencies: goal.propertyDependencies };
    const { op, state, detailed } = await this.bring(urn, goal.type, inputs, options, old);
    const { id: _, outputs: __, created: ___, modified: ____, ...planned } = state;
    const change = old === undefined ? {} : { detailedDiff: detailed, diffReasons: Object.keys(detailed) };
    const step: Step = { op, urn, old, next: old === undefined ? planned : state, ...change };
    this.run.observer.planned?.(step);
    await this.run.snapshot.settle(old, state);
    this.run.observer.done?.({ ...step, next: state });
    return state;
  }

  /** The reference of the provider that serves a resource, or a function, which names none; it is made on first use. */
  defaultFor(
    goal: Pick<Goal, "type" | "version">,
    olds: ReadonlyMap<Urn, ResourceState>,
    taken: Set<Urn>,
  ): Promise<string> {
    const packageName = packageOf(goal.type);
    const { config, stack, project } = this.run.options;
    const version = packageName === DYNAMIC_PACKAGE ? "" : goal.version;
    const { urn, type, inputs } = defaultProvider(packageName, version, config, stack, project);
    let reference = this.defaults.get(urn);
    if (reference === undefined) {
      taken.add(urn);
      const old = olds.get(urn);
      reference = this.bring(urn, type, inputs, {}, old).then(async ({ state }) => {
        await this.run.snapshot.settle(old, state);
        return Providers.reference(state);
      });
      this.defaults.set(urn, reference);
    }
    return reference;
  }

  private async bring(
    urn: Urn,
    type: string,
    inputs: Props,
    options: Partial<ResourceState>,
    old: ResourceState | undefined,
  ): Promise<{ op: StepOp; state: ResourceState; detailed: ReturnType<typeof compareInputs> }> {
    if (hasUnknown(inputs)) {
      throw new Error(
        `${urn} depends on values that a preview does not know, which the rehearsal engine does not support`,
      );
    }
    const client = await this.run.providers.start(providedPackage(type));
    const oldInputs = withoutInternal(old?.inputs ?? {});
    const checked = await client.checkConfig(urn, oldInputs, inputs);
    if (old !== undefined) await this.refuseReplacement(client, urn, old, oldInputs, checked);
    const detailed = old === undefined ? {} : compareInputs(oldInputs, checked);
    const op: StepOp = old === undefined ? "create" : Object.keys(detailed).length > 0 ? "update" : "same";
    const now = new Date().toISOString();
    const state: ResourceState = {
      urn,
      custom: true,
      id: old?.id ?? (this.run.preview ? UNKNOWN : newProviderId()),
      type,
      inputs: "version" in checked ? { __internal: {}, ...checked } : checked,
      outputs: checked,
      ...options,
      created: old?.created ?? now,
      modified: op === "same" ? (old?.modified ?? now) : now,
    };
    await this.approve(state);
    await this.run.providers.configure(client, state);
    return { op, state, detailed };
  }

  private async refuseReplacement(
    client: ProviderClient,
    urn: Urn,
    old: ResourceState,
    oldInputs: Props,
    news: Props,
  ): Promise<void> {
    const answer = await client.diffConfig(urn, old.outputs ?? {}, oldInputs, news);
    const change = decide(answer, oldInputs, news);
    if (change.action === "replace") {
      throw new Error(
        `${urn} would have to be replaced because of ${change.replaceReasons.join(", ")}; ` +
          "the rehearsal engine does not support the replacement of providers",
      );
    }
  }
}

function withoutInternal(inputs: Props): Props {
  const { __internal: _, ...rest } = inputs;
  return rest;
}
