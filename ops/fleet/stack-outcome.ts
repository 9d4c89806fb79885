import { parseUrn, slugOf } from "../../domain/urn";
import type { Deployed, DeploymentEvent, StepEvent } from "./stack-deployer";
import { type ResourceOutcome, type TenantOutcome, tenantOutcomes } from "./tenant-summary";

/** What became of one stack. */
export interface StackOutcome {
  readonly stack: string;
  readonly result: "done" | "failed" | "skipped" | "stopped";
  /** Why it was skipped; why it failed, where no failure says so. */
  readonly reason: string;
  /** How many resources, by operation, in the order that the operations came up; what stayed as it was counts as `same`. */
  readonly changes: Readonly<Record<string, number>>;
  /** What became of each tenant, or in a preview would; one without a slug stands for what all share. */
  readonly tenants: readonly TenantOutcome[];
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
  private readonly resources: ResourceOutcome[] = [];
  private readonly warnings: Complaint[] = [];

  /** @param declared Slugs of the tenants that the deployment is to reach. */
  constructor(
    private readonly stack: string,
    private readonly declared: readonly string[] = [],
  ) {}

  add(event: DeploymentEvent): void {
    if (event.kind === "step") this.addStep(event);
    else if (event.kind === "status") return;
    else if (event.severity === "warning") this.warnings.push({ ...partsOf(event.urn), message: event.text });
    else this.resources.push({ urn: event.urn, op: "", status: "failed", message: event.text });
  }

  ended({ ok, stopped, reason }: Deployed): StackOutcome {
    const result = ok ? "done" : stopped ? "stopped" : "failed";
    return this.outcome(result, this.resources.some(({ status }) => status === "failed") ? "" : reason);
  }

  outcome(result: StackOutcome["result"], reason: string): StackOutcome {
    return {
      stack: this.stack,
      result,
      reason,
      changes: this.changes,
      // One that was stopped has skipped nobody: it had not come to them.
      tenants: tenantOutcomes(this.explained(), result === "failed" ? this.declared : []),
      warnings: this.warnings,
      seconds: (performance.now() - this.began) / 1000,
    };
  }

  private addStep({ urn, op, status }: StepEvent): void {
    if (status === "begun") return;
    this.resources.push({ urn, op, status });
    if (status === "done" && !PARTS.has(op)) this.changes[op] = (this.changes[op] ?? 0) + 1;
  }

  /** A step that failed tells why in a message of its own, before or after it. */
  private explained(): ResourceOutcome[] {
    const told = new Set(this.resources.flatMap(({ urn, message }) => (message === undefined ? [] : [urn])));
    return this.resources.filter(
      ({ urn, status, message }) => status !== "failed" || message !== undefined || !told.has(urn),
    );
  }
}

function partsOf(urn: string): Pick<Complaint, "tenant" | "resource"> {
  const parsed = parseUrn(urn);
  return { tenant: slugOf(parsed), resource: parsed?.name ?? "" };
}
