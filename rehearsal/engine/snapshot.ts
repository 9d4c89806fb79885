import { isDeepStrictEqual } from "node:util";
import type { DeploymentState, OperationType, PendingOperation, ResourceState } from "./state";
import type { StateFile } from "./state-file";

/** What goes with a change, into the same write. */
export interface SettleOptions {
  /** The operation that made the change; it comes off the list. */
  readonly operation?: PendingOperation | undefined;
  /** What the new resource stands in the place of, and the same marked to be deleted, as which it stays. */
  readonly replaced?: { readonly resource: ResourceState; readonly discarded: ResourceState } | undefined;
}

/**
 * The state while a deployment runs: what the run has settled so far, then what it has not come to yet, and the operations that
 * are under way. Every change is on disk before the method that makes it resolves.
 */
export class Snapshot {
  private readonly settled: ResourceState[] = [];
  private readonly remaining: ResourceState[];
  private readonly underWay: Set<PendingOperation>;

  /**
   * `file` undefined keeps everything in memory, as a preview wants it. What an earlier run was interrupted in stays on the list
   * until it is resolved.
   */
  constructor(
    { resources, pendingOperations }: DeploymentState,
    private readonly file: Pick<StateFile, "follow" | "save" | "writeAlike"> | undefined,
  ) {
    this.remaining = [...resources];
    this.underWay = new Set(pendingOperations);
    file?.follow(() => this.current());
  }

  current(): DeploymentState {
    return { resources: [...this.settled, ...this.remaining], pendingOperations: [...this.underWay] };
  }

  async begin(type: OperationType, resource: ResourceState): Promise<PendingOperation> {
    const operation = { type, resource };
    this.underWay.add(operation);
    await this.save();
    return operation;
  }

  /** Takes an operation that made nothing off the list. */
  async resolve(operation: PendingOperation | undefined): Promise<void> {
    if (operation !== undefined) {
      this.underWay.delete(operation);
      await this.save();
    }
  }

  /**
   * Puts `next` (undefined: nothing) in the place of `old` (undefined: nothing). What is as it was is not written: most of a
   * large stack is, in most runs.
   */
  async settle(
    old: ResourceState | undefined,
    next: ResourceState | undefined,
    { operation, replaced }: SettleOptions = {},
  ): Promise<void> {
    this.takeAlong({ operation, replaced });
    const unchanged = operation === undefined && old !== undefined && isDeepStrictEqual(old, next);
    if (unchanged && next !== undefined) this.file?.writeAlike(old, next);
    if (old !== undefined && this.settled.includes(old)) {
      replaceIn(this.settled, old, next);
    } else {
      if (old !== undefined) replaceIn(this.remaining, old, undefined);
      if (next !== undefined) this.settled.push(next);
    }
    return unchanged ? undefined : this.save();
  }

  /** Puts `next` (undefined: nothing) where `old` stands, so that what depends on what keeps its order. */
  async amend(old: ResourceState, next: ResourceState | undefined): Promise<void> {
    replaceIn(this.listWith(old), old, next);
    if (next === undefined || !isDeepStrictEqual(old, next)) {
      await this.save();
    } else {
      this.file?.writeAlike(old, next);
    }
  }

  /** Adds, after everything else, what an interrupted operation made. */
  async adopt(next: ResourceState, options: SettleOptions): Promise<void> {
    this.takeAlong(options);
    this.remaining.push(next);
    await this.save();
  }

  save(): Promise<void> {
    return this.file === undefined ? Promise.resolve() : this.file.save();
  }

  private takeAlong({ operation, replaced }: SettleOptions): void {
    if (operation !== undefined) this.underWay.delete(operation);
    if (replaced !== undefined) replaceIn(this.listWith(replaced.resource), replaced.resource, replaced.discarded);
  }

  private listWith(resource: ResourceState): ResourceState[] {
    return this.settled.includes(resource) ? this.settled : this.remaining;
  }
}

function replaceIn(list: ResourceState[], old: ResourceState, next: ResourceState | undefined): void {
  const index = list.indexOf(old);
  if (index < 0) throw new Error(`${old.urn} is not where the state should have it; nothing was written`);
  list.splice(index, 1, ...(next === undefined ? [] : [next]));
}
