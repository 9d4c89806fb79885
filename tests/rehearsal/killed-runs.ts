import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { recover } from "../../ops/recover/recovery";
import { tenantOf } from "../../ops/recover/resource-names";
import {
  destroy,
  type EngineOptions,
  InterruptedRun,
  preview,
  type RunResult,
  up,
} from "../../rehearsal/engine/engine";
import type { DeploymentState, ResourceState } from "../../rehearsal/engine/state";
import type { DeploymentObserver, Step } from "../../rehearsal/engine/step";
import { nameOf, typeOf, type Urn } from "../../rehearsal/engine/urn";
import type { Session } from "../../rehearsal/session/session";
import { stackAccess } from "../../rehearsal/session/stack-access";
import { HeldSteps } from "./held-steps";

export type Run = (options: EngineOptions) => Promise<RunResult>;

/** What ends a run as a kill does: nothing of the step is settled, and the state on disk stays as it was at that moment. */
export class Killed extends Error {}

/** What is held takes up a place among the calls under way, and nobody else should have to wait for it. */
const MOST_HELD = 32;

/** What came of a run that was killed again and again. */
export interface Survived {
  /** URNs of what was hit. */
  readonly killed: readonly Urn[];
  readonly state: DeploymentState;
}

/** Runs of a session that are killed and recovered from, in this process. */
export class KilledRuns {
  private readonly session: Session;

  /** Nobody asks for the policies here, of thousands of resources. */
  constructor(session: Session) {
    const engine: Session["engine"] = (...about) => ({ ...session.engine(...about), policyPack: undefined });
    this.session = { ...session, engine };
  }

  up(observer: DeploymentObserver = {}): Promise<RunResult> {
    return up(this.session.engine(observer));
  }

  preview(): Promise<RunResult> {
    return preview(this.session.engine({}));
  }

  destroy(observer: DeploymentObserver = {}): Promise<RunResult> {
    return destroy(this.session.engine(observer));
  }

  /** The command that people run after a kill; gives its exit status. */
  recover(statePath = this.statePath): Promise<number> {
    const home = { statePath: () => statePath, passphrase: this.session.home.passphrase };
    const engine: Session["engine"] = (observer) => ({ ...this.session.engine(observer), statePath });
    const output = { print: () => {}, report: () => {} };
    return recover(stackAccess({ ...this.session, home, engine }), output, {
      consent: async () => true,
      json: false,
      next: "up",
    });
  }

  /**
   * Comes through the run, one operation after another, and asks before the first of each kind what a kill at this moment would
   * have come to: on a copy of the state, `recover` must lead back to what was before the operation began.
   */
  async killedBeforeEachKind(run: Run): Promise<Survived> {
    const killed = new Kinds();
    const copy = path.join(path.dirname(this.statePath), "killed-before.json");
    const beforeCall = async (step: Step) => {
      if (!killed.isNew(step)) return;
      const { urn } = step;
      const { pending_operations: pending, resources } = this.deployment();
      assert.deepEqual(pending.map(urnOf), [urn]);
      copyFileSync(this.statePath, copy);
      assert.equal(await this.recover(copy), 0, `recover before ${nameOf(urn)}`);
      const recovered = this.deployment(copy);
      assert.deepEqual([recovered.pending_operations, recovered.resources], [undefined, resources], nameOf(urn));
    };
    const { failures, state } = await run({ ...this.session.engine({ beforeCall }), parallel: 1 });
    assert.deepEqual(failures, []);
    return { killed: killed.urns, state };
  }

  /**
   * Kills an `up` after the first of each kind of its calls, together those that one tenant or another can be at, at the same
   * moment; recovers; and again, until an `up` comes through. The more tenants, the fewer runs it takes. `expected`: what it
   * will come to, of which who depends on whom is all that counts.
   */
  upKilledAfterEachKind({ resources }: DeploymentState): Promise<Survived> {
    const tenantsHave = new Set(resources.filter(({ urn }) => tenantOf(urn) !== undefined).map(({ type }) => type));
    // What all tenants wait for would hold up all of them.
    const isSpared = (urn: Urn) => tenantOf(urn) === undefined && tenantsHave.has(typeOf(urn));
    return this.killedAfterEachKind(up, resources, isSpared, async () => {});
  }

  /**
   * Kills a `destroy` in the same way. It deletes level by level, so it is killed at what is under way with the first of a kind.
   * `recovered` is told the names of what was hit.
   */
  destroyKilledAfterEachKind(recovered: (hit: ReadonlySet<string>) => Promise<void>): Promise<Survived> {
    return this.killedAfterEachKind(destroy, [], () => false, recovered);
  }

  private async killedAfterEachKind(
    run: Run,
    expected: readonly ResourceState[],
    isSpared: (urn: Urn) => boolean,
    recovered: (hit: ReadonlySet<string>) => Promise<void>,
  ): Promise<Survived> {
    const killed = new Kinds();
    for (;;) {
      const held = new HeldSteps(expected);
      const afterCall = async (step: Step) => {
        if (isSpared(step.urn) || !killed.isNew(step)) return;
        await held.hold(step.urn);
        throw new Killed();
      };
      const options = this.session.engine({ ...held.observer, afterCall });
      const { failures, state } = await run({ ...options, parallel: options.parallel + MOST_HELD });
      const hit = held.urns;
      if (hit.size === 0) {
        assert.deepEqual(failures, []);
        return { killed: killed.urns, state };
      }
      await this.assertInterrupted(hit, run);
      const names = [...hit].map(nameOf);
      assert.equal(await this.recover(), 0, `recover after ${names.join(", ")}`);
      await recovered(new Set(names));
    }
  }

  private async assertInterrupted(urns: ReadonlySet<string>, run: Run): Promise<void> {
    assert.deepEqual(this.deployment().pending_operations.map(urnOf).sort(), [...urns].sort());
    await assert.rejects(run(this.session.engine({})), (error) => {
      return error instanceof InterruptedRun && error.operations.every(({ resource }) => urns.has(resource.urn));
    });
  }

  private get statePath(): string {
    return this.session.home.statePath(this.session.stack);
  }

  /** The state without properties: what is read once more is written down in other words. */
  private deployment(statePath = this.statePath) {
    const properties = new Set(["inputs", "outputs"]);
    return JSON.parse(readFileSync(statePath, "utf8"), (key, value) => (properties.has(key) ? undefined : value))
      .deployment;
  }
}

/**
 * Which operations were met. To lose one of five parameters in a kill, or to find it again, is as it is with the other four: of
 * one kind are operations of one sort, on one type, with inputs for the same properties.
 */
class Kinds {
  private readonly met = new Map<string, Urn>();

  isNew({ op, urn, old, next }: Step): boolean {
    const properties = Object.keys((next ?? old)?.inputs ?? {}).sort();
    const kind = [op, typeOf(urn), ...properties].join(" ");
    if (this.met.has(kind)) return false;
    this.met.set(kind, urn);
    return true;
  }

  get urns(): readonly Urn[] {
    return [...this.met.values()];
  }
}

function urnOf({ resource }: { resource: { urn: string } }): string {
  return resource.urn;
}
