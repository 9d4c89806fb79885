import { prerequisitesOf } from "../../rehearsal/engine/deletions";
import type { ResourceState } from "../../rehearsal/engine/state";
import type { DeploymentObserver } from "../../rehearsal/engine/step";
import { isProviderType, type Urn } from "../../rehearsal/engine/urn";

/**
 * Steps of one `up` that stop at their call, all of them until the run can go on no further: what is not done by then waits for one
 * of them. So they are under way at the same moment.
 */
export class HeldSteps {
  private readonly held = new Set<Urn>();
  private readonly done = new Set<Urn>();
  private readonly expected: readonly ResourceState[];
  private readonly standstill: Promise<void>;
  private letGo: () => void = () => {};

  /** `expected`: what the run would come to, in an order in which nothing comes before what it waits for. */
  constructor(expected: readonly ResourceState[]) {
    this.expected = expected.filter(({ custom, type }) => custom && !isProviderType(type));
    this.standstill = new Promise((resolve) => {
      this.letGo = resolve;
    });
  }

  /** Resolves when the run stands still. */
  hold(urn: Urn): Promise<void> {
    this.held.add(urn);
    this.look();
    return this.standstill;
  }

  get urns(): ReadonlySet<Urn> {
    return this.held;
  }

  /** A run that fails begins nothing more. */
  readonly observer: DeploymentObserver = {
    done: ({ urn }) => {
      this.done.add(urn);
      this.look();
    },
    failed: () => this.letGo(),
  };

  private look(): void {
    const waiting = new Set(this.held);
    for (const resource of this.expected) {
      if (this.done.has(resource.urn) || waiting.has(resource.urn)) continue;
      if (![...prerequisitesOf(resource)].some((urn) => waiting.has(urn))) return;
      waiting.add(resource.urn);
    }
    this.letGo();
  }
}
