import { STACK_TYPE } from "../../domain/resource-types";
import type { Props } from "../protocol/property-values";
import { PolicyPack, type StartPolicyPack, type Violation } from "./policy-pack";
import type { Analyzed } from "./policy-requests";
import type { Run } from "./run";
import type { ResourceState } from "./state";

/** Shows what a run is about to do to a policy pack. */
export class PolicyReview {
  private pack: Promise<PolicyPack> | undefined;

  constructor(
    private readonly run: Run,
    private readonly startPack: StartPolicyPack,
    private readonly address: string,
    private readonly print: (line: string) => void,
  ) {}

  /** Starts the pack's process. One that does not start fails the first registration. */
  start(): Promise<PolicyPack> {
    if (this.pack === undefined) {
      this.pack = PolicyPack.start(this.startPack, { ...this.run.options, address: this.address }, this.print);
      this.pack.catch(() => {});
    }
    return this.pack;
  }

  /**
   * Asks about one resource. In a preview every violation is told and the preview goes on, so that all of them are seen.
   *
   * @throws Error with what is violated, when this is no preview.
   */
  async resource(resource: ResourceState): Promise<void> {
    const pack = await this.start();
    const violations = await pack.analyze(this.analyzed(resource, resource.inputs));
    const mandatory = this.withoutAdvice(violations);
    if (mandatory.length > 0 && !this.run.preview) throw new Error(mandatory.map(({ message }) => message).join("\n"));
    this.run.addFailures(mandatory);
  }

  /**
   * Asks about the whole stack, and tells whether it may be so. It is asked before anything is deleted: under Pulumi, the preview
   * before an update has told as much by then.
   */
  async stack(resources: readonly ResourceState[]): Promise<boolean> {
    const pack = await this.start();
    const root = resources.find(({ type }) => type === STACK_TYPE);
    const analyzed = resources.map((resource) => this.analyzed(resource, resource.outputs));
    const mandatory = this.withoutAdvice(await pack.analyzeStack(analyzed, root?.urn ?? ""));
    this.run.addFailures(mandatory);
    return mandatory.length === 0;
  }

  /** Number of policies; none of a pack that did not start. */
  async size(): Promise<number> {
    return (await this.started())?.size ?? 0;
  }

  async stop(): Promise<void> {
    await (await this.started())?.stop();
  }

  private started(): Promise<PolicyPack | undefined> {
    return Promise.resolve(this.pack).catch(() => undefined);
  }

  private analyzed(resource: ResourceState, properties: Props = {}): Analyzed {
    const { providers } = this.run;
    const { deleteBeforeReplace } = this.run.goals.get(resource.urn) ?? {};
    return { resource, properties, provider: providers.resource(resource.provider), deleteBeforeReplace };
  }

  /** Tells what is advisory, and gives back what is not. */
  private withoutAdvice(violations: readonly Violation[]): readonly Violation[] {
    for (const { message, urn } of violations.filter(({ mandatory }) => !mandatory)) {
      this.run.observer.diagnostic?.("warning", message, urn);
    }
    return violations.filter(({ mandatory }) => mandatory);
  }
}
