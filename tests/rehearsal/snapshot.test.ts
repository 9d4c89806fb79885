import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Snapshot } from "../../rehearsal/engine/snapshot";
import type { DeploymentState, ResourceState } from "../../rehearsal/engine/state";

const resource = (name: string, more: Partial<ResourceState> = {}): ResourceState => ({
  urn: `urn:pulumi:prod::p::t:t:T::${name}`,
  custom: true,
  type: "t:t:T",
  id: name,
  ...more,
});

/** A state file that keeps what each write would have put on disk. */
class Writes {
  readonly states: DeploymentState[] = [];
  private current: () => DeploymentState = () => ({ resources: [], pendingOperations: [] });

  follow(current: () => DeploymentState): void {
    this.current = current;
  }

  async save(): Promise<void> {
    this.states.push(structuredClone(this.current()));
  }

  writeAlike(): void {}
}

describe("what is on disk when a run is killed between any two writes", () => {
  test("a replacement never shows two live resources of one URN, nor an operation without its outcome", async () => {
    const old = resource("a", { id: "old" });
    const writes = new Writes();
    const snapshot = new Snapshot({ resources: [old], pendingOperations: [] }, writes);
    const next = resource("a", { id: "new" });
    const operation = await snapshot.begin("creating", next);
    await snapshot.settle(undefined, next, {
      operation,
      replaced: { resource: old, discarded: { ...old, delete: true } },
    });
    assert.deepEqual(
      writes.states.map(({ resources, pendingOperations }) => [
        resources.filter((state) => !state.delete).map(({ id }) => id),
        pendingOperations.length,
      ]),
      [
        [["old"], 1],
        [["new"], 0],
      ],
    );
  });

  test("what an earlier run was interrupted in stays on the list until it is resolved, one by one", async () => {
    const [first, second] = [resource("a"), resource("b")];
    const interrupted = [first, second].map((state) => ({ type: "creating" as const, resource: state }));
    const writes = new Writes();
    const snapshot = new Snapshot({ resources: [], pendingOperations: interrupted }, writes);
    await snapshot.save();
    await snapshot.adopt(first, { operation: interrupted[0] });
    await snapshot.resolve(interrupted[1]);
    assert.deepEqual(
      writes.states.map(({ pendingOperations }) => pendingOperations.map((operation) => operation.resource.id)),
      [["a", "b"], ["b"], []],
    );
  });

  test("a resource that is read again keeps its place: after what it depends on", async () => {
    const parent = resource("parent");
    const child = resource("child", { parent: parent.urn, dependencies: [parent.urn, "urn:gone"] });
    const snapshot = new Snapshot({ resources: [parent, child], pendingOperations: [] }, undefined);
    await snapshot.amend(child, { ...child, dependencies: [parent.urn] });
    await snapshot.amend(parent, { ...parent, outputs: { read: true } });
    const names = snapshot.current().resources.map(({ urn }) => urn.split("::").at(-1));
    assert.deepEqual(names, ["parent", "child"]);
  });

  test("a change to what is not there is refused, not lost", async () => {
    const snapshot = new Snapshot({ resources: [], pendingOperations: [] }, undefined);
    await assert.rejects(snapshot.amend(resource("a"), resource("a")), /is not where the state should have it/);
  });
});
