import { randomBytes } from "node:crypto";
import { type Props, withoutUnknowns } from "../protocol/property-values";
import type { ChangingCalls } from "./changing-calls";
import { prerequisitesOf } from "./deletions";
import { type Change, decide, ignoringChanges } from "./diff";
import { ProviderError, reasonsOf } from "./provider-answers";
import { now, recorded, type Subject, stateOf, stepOf } from "./resource-states";
import type { Run } from "./run";
import type { SettleOptions } from "./snapshot";
import type { ResourceState } from "./state";
import type { Step, StepOp } from "./step";
import type { Registered, Steps } from "./steps";
import type { Urn } from "./urn";

const SEED_BYTES = 32;

/** Brings resources to their goals, with the state kept at every step: check, diff, create, update, replace and import. */
export class ResourceLifecycle {
  /** What replacements have left behind; it is deleted when everything else is in place. */
  readonly replaced: ResourceState[] = [];

  /** @param approve Is asked about each resource before anything is done to it; it rejects what must not be done. */
  constructor(
    private readonly run: Run,
    private readonly calls: ChangingCalls,
    private readonly steps: Steps,
    private readonly approve: (resource: ResourceState) => Promise<void>,
  ) {}

  async bring(subject: Subject): Promise<Registered> {
    const { goal, old } = subject;
    const given = ignoringChanges(goal.inputs, old?.inputs, goal.ignoreChanges);
    // Outside of a preview nothing is unknown but what a failed resource would have given: no provider is shown that.
    const wanted = this.run.preview ? given : withoutUnknowns(given);
    const carryOut = (inputs: Props, step: () => Promise<ResourceState>) =>
      this.steps.carryOut(stateOf(subject, inputs, {}), step);
    const imported = old !== undefined && (old.id === goal.importId || old.importID === goal.importId);
    if (goal.importId !== "" && !imported) return carryOut(wanted, () => this.import(subject, wanted));
    const inputs = await this.check(subject, old?.inputs ?? {}, wanted);
    await this.approve(stateOf(subject, inputs, {}));
    if (old === undefined) return carryOut(inputs, () => this.create(subject, inputs, "create"));
    const change = await this.diff(subject, old, inputs);
    if (change.action === "replace") {
      refuseReplacement(subject, old);
      const fresh = await this.check(subject, {}, wanted);
      return carryOut(fresh, () => this.replace(subject, old, fresh, change));
    }
    const unfinished = (old.initErrors ?? []).length > 0;
    return carryOut(inputs, () =>
      change.action === "update" || unfinished
        ? this.update(subject, old, inputs, change)
        : this.keep(subject, old, inputs),
    );
  }

  private async check(subject: Subject, olds: Props, news: Props): Promise<Props> {
    const seed = randomBytes(SEED_BYTES);
    const { inputs, failures } = await this.run.limited(() => subject.client.check(subject.urn, olds, news, seed));
    if (failures.length > 0) throw new ProviderError(reasonsOf(failures).join("\n"));
    return inputs;
  }

  private async diff(subject: Subject, old: ResourceState, news: Props): Promise<Change> {
    const olds = recorded(old);
    const { goal, urn } = subject;
    const answer = await this.run.limited(() => subject.client.diff(urn, old.id ?? "", olds, news, goal.ignoreChanges));
    return decide(answer, olds.inputs, news, goal.deleteBeforeReplace);
  }

  private async keep(subject: Subject, old: ResourceState, inputs: Props): Promise<ResourceState> {
    const next = stateOf(subject, inputs, { id: old.id, outputs: old.outputs }, old);
    const step: Step = { op: "same", urn: subject.urn, old, next };
    this.run.observer.planned?.(step);
    await this.run.snapshot.settle(old, next);
    this.run.observer.done?.(step);
    return next;
  }

  private async create(
    subject: Subject,
    inputs: Props,
    op: StepOp,
    change?: Change,
    replaced?: SettleOptions["replaced"],
  ): Promise<ResourceState> {
    const { urn, client } = subject;
    const { preview } = this.run;
    const step = stepOf(op, urn, op === "create" ? undefined : subject.old, stateOf(subject, inputs, {}), change);
    const outcome = await this.calls.perform(step, "creating", () => client.create(urn, inputs, preview));
    return this.calls.conclude(step, subject, undefined, inputs, outcome, replaced);
  }

  private async update(subject: Subject, old: ResourceState, inputs: Props, change: Change): Promise<ResourceState> {
    const { urn, client, goal } = subject;
    const { preview } = this.run;
    const id = old.id ?? "";
    const step = stepOf("update", urn, old, stateOf(subject, inputs, {}, old), change);
    const options = { ignoreChanges: goal.ignoreChanges, preview };
    const outcome = await this.calls.perform(step, "updating", async () => ({
      id,
      properties: await client.update(urn, id, recorded(old), inputs, options),
    }));
    return this.calls.conclude(step, subject, old, inputs, outcome);
  }

  /** A new one first and the old one deleted at the end; or, where the two cannot stand side by side, the old one first. */
  private async replace(subject: Subject, old: ResourceState, inputs: Props, change: Change): Promise<ResourceState> {
    const { run } = this;
    const discarded: ResourceState = { ...old, delete: true };
    if (change.deleteBeforeReplace) await this.deleteForReplacement(subject, old);
    const replaced = change.deleteBeforeReplace ? undefined : { resource: old, discarded };
    const next = await this.create(subject, inputs, "create-replacement", change, replaced);
    if (replaced !== undefined) this.replaced.push(discarded);
    const step = stepOf("replace", subject.urn, discarded, next, change);
    run.observer.planned?.(step);
    run.observer.done?.(step);
    return next;
  }

  private async deleteForReplacement(subject: Subject, old: ResourceState): Promise<void> {
    // What only waits for it (`dependsOn`) stays, in Pulumi too.
    const dependent = this.run.known.find((state) => state !== old && isMadeFrom(state, old.urn));
    if (dependent !== undefined) {
      throw new Error(
        `${subject.urn} must be deleted before it is replaced, and ${dependent.urn} depends on it; ` +
          "the rehearsal engine does not support replacing both in one run",
      );
    }
    await this.calls.delete(old, "delete-replaced", false);
  }

  private async import(subject: Subject, wanted: Props): Promise<ResourceState> {
    const { urn, client, goal, old } = subject;
    if (old !== undefined) {
      throw new Error(`${urn} exists as ${old.id}; an import as ${goal.importId} in its place is not supported`);
    }
    const found = await this.run.limited(() => client.read(urn, goal.importId, {}));
    if (found.id === undefined) {
      throw new ProviderError(`resource '${goal.importId}' does not exist, so it cannot be imported`);
    }
    const readInputs = found.inputs ?? {};
    const inputs = await this.check(subject, readInputs, wanted);
    await this.approve(stateOf(subject, inputs, {}));
    const imported: ResourceState = {
      ...stateOf(subject, readInputs, { id: found.id, outputs: found.properties }, undefined, now()),
      importID: goal.importId,
    };
    const change = await this.diff(subject, imported, inputs);
    if (change.action === "replace") {
      throw new ProviderError(
        `'${goal.importId}' differs in ${change.replaceReasons.join(", ")}, which cannot change in place; ` +
          "importing it would replace it",
      );
    }
    const step = stepOf("import", urn, undefined, imported, change);
    this.run.observer.planned?.(step);
    await this.run.snapshot.settle(undefined, imported);
    this.run.observer.done?.(step);
    return change.action === "update"
      ? this.update(subject, imported, inputs, change)
      : this.keep(subject, imported, inputs);
  }
}

/** Whether a property, the provider or the parent of a resource is another one's. */
function isMadeFrom(resource: ResourceState, urn: Urn): boolean {
  return prerequisitesOf({ ...resource, dependencies: [] }).has(urn);
}

/** What Pulumi does not replace either. */
function refuseReplacement({ urn, goal }: Subject, old: ResourceState): void {
  if (old.protect && goal.protect) {
    throw new Error(
      `${urn} would have to be replaced, and it is protected. ` +
        "To unprotect it, remove the `protect` option from it in the program and run `up`",
    );
  }
  if (goal.importId !== "") {
    throw new Error(
      `${urn} would have to be replaced, and the program imports it as ${goal.importId}; remove the \`import\` option first`,
    );
  }
}
