import { parseUrn, slugOf } from "../../domain/urn";
import type { Deployed, DeploymentEvent, StepEvent } from "./stack-deployer";

/** What became of one stack. */
export interface StackOutcome {
  readonly stack: string;
  readonly result: "done" | "failed" | "skipped" | "stopped";
  /** Why it was skipped; why it failed, where no failure says so. */
  readonly reason: string;
  /** How many resources, by operation, in the order that the operations came up; what stayed as it was counts as `same`. */
  readonly changes: Readonly<Record<string, number>>;
  /** The tenants of which something changed, sorted. */
  readonly changed: readonly string[];
  readonly failures: readonly Complaint[];
  readonly warnings: readonly Complaint[];
  readonly seconds: number;
}

/** What was said of a resource. */
export interface Complaint {
  /** Slug of the tenant it belongs to; undefined for what tenants share, and for what concerns no single resource. */
  readonly tenant: string | undefined;
  /** Name of the resource; empty where it concerns none. */
  readonly resource: string;
  readonly message: string;
}

/** Two steps that are one operation to who reads of it. */
const PARTS = new Set(["create-replacement", "delete-replaced", "discard-replaced", "remove-pending-replace"]);

/** Gathers what a stack's deployment tells. */
export class OutcomeRecord {
  private readonly began = performance.now();
  private readonly changes: Record<string, number> = {};
  private readonly changed = new Set<string>();
  private readonly failures: Complaint[] = [];
  private readonly warnings: Complaint[] = [];

  constructor(private readonly stack: string) {}

  add(event: DeploymentEvent): void {
    if (event.kind === "step") {
      if (event.status === "done") this.addStep(event);
      return;
    }
    const complaint = { ...partsOf(event.urn), message: event.text };
    (event.severity === "error" ? this.failures : this.warnings).push(complaint);
  }

  ended({ ok, stopped, reason }: Deployed): StackOutcome {
    const result = ok ? "done" : stopped ? "stopped" : "failed";
    return this.outcome(result, this.failures.length > 0 ? "" : reason);
  }

  outcome(result: StackOutcome["result"], reason: string): StackOutcome {
    return {
      stack: this.stack,
      result,
      reason,
      changes: this.changes,
      changed: [...this.changed].sort(),
      failures: this.failures,
      warnings: this.warnings,
      seconds: (performance.now() - this.began) / 1000,
    };
  }

  private addStep({ urn, op }: StepEvent): void {
    if (PARTS.has(op)) return;
    this.changes[op] = (this.changes[op] ?? 0) + 1;
    const tenant = slugOf(parseUrn(urn));
    if (op !== "same" && tenant !== undefined) this.changed.add(tenant);
  }
}

function partsOf(urn: string): Pick<Complaint, "tenant" | "resource"> {
  const parsed = parseUrn(urn);
  return { tenant: slugOf(parsed), resource: parsed?.name ?? "" };
}
