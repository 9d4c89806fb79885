import type { Deployment } from "./deployment";
import type { PolicyPack, Violation } from "./policy-pack";
import type { Analyzed } from "./policy-requests";
import type { PropertyMap } from "./property-values";
import type { ResourceState } from "./state";

/** Puts what a deployment is about to do before a policy pack. */
export class PolicyReview {
  constructor(
    private readonly pack: Promise<PolicyPack>,
    private readonly deployment: Deployment,
  ) {
    // One that does not start fails the first registration.
    pack.catch(() => {});
  }

  /**
   * Asks about one resource. In a preview every violation is told and the preview goes on, so that all of them are seen.
   *
   * @throws Error with what is violated, when this is no preview.
   */
  async resource(resource: ResourceState): Promise<void> {
    const pack = await this.pack;
    const violations = await pack.analyze(this.analyzed(resource, resource.inputs));
    const mandatory = this.withoutAdvice(violations);
    if (mandatory.length > 0 && !this.deployment.preview) {
      throw new Error(mandatory.map(({ message }) => message).join("\n"));
    }
    this.deployment.deplore(mandatory);
  }

  /**
   * Asks about the whole stack, and tells whether it may be so. It is asked before anything is deleted: under Pulumi, the preview
   * before an update has told as much by then.
   */
  async stack(resources: readonly ResourceState[]): Promise<boolean> {
    const pack = await this.pack;
    const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    const analyzed = resources.map((resource) => this.analyzed(resource, resource.outputs));
    const mandatory = this.withoutAdvice(await pack.analyzeStack(analyzed, root?.urn ?? ""));
    this.deployment.deplore(mandatory);
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
    return this.pack.catch(() => undefined);
  }

  private analyzed(resource: ResourceState, properties: PropertyMap = {}): Analyzed {
    const { providers } = this.deployment;
    const { deleteBeforeReplace } = this.deployment.goalOf(resource.urn) ?? {};
    return { resource, properties, provider: providers.resource(resource.provider), deleteBeforeReplace };
  }

  /** Tells what is advisory, and gives back what is not. */
  private withoutAdvice(violations: readonly Violation[]): readonly Violation[] {
    for (const { message, urn } of violations.filter(({ mandatory }) => !mandatory)) {
      this.deployment.observer.diagnostic?.("warning", message, urn);
    }
    return violations.filter(({ mandatory }) => mandatory);
  }
}
