import { isDeepStrictEqual } from "node:util";
import type { DeploymentState, OperationType, PendingOperation, ResourceState, StateFile } from "./state";
import type { Urn } from "./urn";

/**
 * The state while a deployment runs: what the run has settled so far, then what it has not come to yet, and the operations that
 * are under way. Every change is on disk before the method that makes it resolves.
 */
export class Snapshot {
  private readonly settled: ResourceState[] = [];
  private readonly remaining: Set<ResourceState>;
  private readonly underWay = new Set<PendingOperation>();
  /** Old URN to new, for resources that were renamed through an alias. */
  private readonly renamed = new Map<Urn, Urn>();

  /** `file` undefined keeps everything in memory, as a preview wants it. */
  constructor(
    base: readonly ResourceState[],
    private readonly file: StateFile | undefined,
  ) {
    this.remaining = new Set(base);
    file?.follow(() => this.current());
  }

  current(): DeploymentState {
    const rest = [...this.remaining].map((resource) => this.withRenamedReferences(resource));
    return { resources: [...this.settled, ...rest], pendingOperations: [...this.underWay] };
  }

  async begin(type: OperationType, resource: ResourceState): Promise<PendingOperation> {
    const operation = { type, resource };
    this.underWay.add(operation);
    await this.save();
    return operation;
  }

  /** Takes an operation that made nothing off the list. */
  async abandon(operation: PendingOperation | undefined): Promise<void> {
    if (operation !== undefined) {
      this.underWay.delete(operation);
      await this.save();
    }
  }

  /**
   * Puts `next` (undefined: nothing) in the place of `old` (undefined: nothing) and takes the operation that did it off the
   * list, both in one write. What is as it was is not written: most of a large stack is, in most runs.
   */
  async settle(
    old: ResourceState | undefined,
    next: ResourceState | undefined,
    operation?: PendingOperation,
  ): Promise<void> {
    if (operation !== undefined) {
      this.underWay.delete(operation);
    }
    const unchanged = operation === undefined && old !== undefined && isDeepStrictEqual(old, next);
    if (unchanged && next !== undefined) {
      this.file?.writeAlike(old, next);
    }
    if (old !== undefined) {
      this.remaining.delete(old);
      if (next !== undefined && next.urn !== old.urn) {
        this.renamed.set(old.urn, next.urn);
      }
      const index = this.settled.indexOf(old);
      if (index >= 0) {
        this.settled.splice(index, 1, ...(next === undefined ? [] : [next]));
        return unchanged ? undefined : this.save();
      }
    }
    if (next !== undefined) {
      this.settled.push(next);
    }
    return unchanged ? undefined : this.save();
  }

  /** Puts `next` in the very place of `old`, which this run has not settled yet. */
  async amend(old: ResourceState, next: ResourceState): Promise<void> {
    const rest = [...this.remaining];
    this.remaining.clear();
    for (const resource of rest) {
      this.remaining.add(resource === old ? next : resource);
    }
    await this.save();
  }

  save(): Promise<void> {
    return this.file === undefined ? Promise.resolve() : this.file.save();
  }

  private withRenamedReferences(resource: ResourceState): ResourceState {
    if (this.renamed.size === 0) {
      return resource;
    }
    const rename = (urn: Urn) => this.renamed.get(urn) ?? urn;
    return {
      ...resource,
      ...(resource.parent === undefined ? {} : { parent: rename(resource.parent) }),
      ...(resource.dependencies === undefined ? {} : { dependencies: resource.dependencies.map(rename) }),
      ...(resource.deletedWith === undefined ? {} : { deletedWith: rename(resource.deletedWith) }),
    };
  }
}
