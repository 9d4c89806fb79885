import { prerequisitesOf } from "./deletions";
import { PluginLost, ProviderError } from "./provider-answers";
import type { Run } from "./run";
import type { ResourceState } from "./state";
import type { Urn } from "./urn";

/** What became of a resource that the program registered. */
export interface Registered {
  readonly result: "success" | "failed" | "skipped";
  /** What it then is; of one that failed or was skipped, what is known of it. */
  readonly state: ResourceState;
}

/** The steps of a run that goes on past one that fails: what depends on that one is skipped, or at the end kept. */
export class Steps {
  /** Failed, or skipped for what did. */
  private readonly unreached = new Set<Urn>();
  private readonly kept = new Set<Urn>();
  private readonly known: ReadonlyMap<Urn, ResourceState>;

  constructor(private readonly run: Run) {
    this.known = new Map(run.known.map((resource) => [resource.urn, resource]));
  }

  /** @param planned What the resource is to be. @throws whatever is no failure of the step itself: it ends the run. */
  async carryOut(planned: ResourceState, work: () => Promise<ResourceState>): Promise<Registered> {
    const { urn } = planned;
    if ([...prerequisitesOf(planned)].some((needed) => this.unreached.has(needed))) {
      this.unreached.add(urn);
      this.run.observer.skipped?.(urn);
      return { result: "skipped", state: planned };
    }
    try {
      return { result: "success", state: await work() };
    } catch (error) {
      if (!this.run.options.continueOnError || !isFailedCall(error)) throw error;
      this.failed(urn, error.message);
      const { id = this.known.get(urn)?.id, properties = {} } = (error instanceof ProviderError && error.partial) || {};
      return { result: "failed", state: { ...planned, ...(id === undefined ? {} : { id }), outputs: properties } };
    }
  }

  /** Notes a step that failed: what depends on it is not begun, and what it depends on is not deleted. */
  failed(urn: Urn, message: string, resource = this.known.get(urn)): void {
    this.run.addFailures([{ urn, message }]);
    this.unreached.add(urn);
    this.keepNeededBy(resource);
  }

  /** Whether a step that failed needs this resource, be it by way of others. */
  keeps({ urn }: ResourceState): boolean {
    return this.kept.has(urn);
  }

  private keepNeededBy(resource: ResourceState | undefined): void {
    for (const needed of resource === undefined ? [] : prerequisitesOf(resource)) {
      if (this.kept.has(needed)) continue;
      this.kept.add(needed);
      this.keepNeededBy(this.known.get(needed));
    }
  }
}

/** Whether a provider failed, and not the engine itself. */
export function isFailedCall(error: unknown): error is ProviderError | PluginLost {
  return error instanceof ProviderError || error instanceof PluginLost;
}
