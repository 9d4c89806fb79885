import { type ResourceOutcome, summaryLines, tenantOutcomes } from "../../ops/fleet/tenant-summary";
import type { DeploymentObserver, Severity, Step, StepOp } from "../engine/step";
import { isProviderType, nameOf, typeOf, type Urn } from "../engine/urn";
import type { PropertyValue } from "../protocol/property-values";
import { isMap } from "../protocol/property-values";
import { valueText } from "./values";

/** How each operation is shown: its sign, and in words once it is done and while it is planned. */
const SHOWN_AS: Readonly<Record<StepOp, readonly [sign: string, done: string, planned: string]>> = {
  same: ["  ", "unchanged", "unchanged"],
  create: ["+ ", "created", "create"],
  update: ["~ ", "updated", "update"],
  delete: ["- ", "deleted", "delete"],
  replace: ["+-", "replaced", "replace"],
  "create-replacement": ["++", "created its replacement", "create its replacement"],
  "delete-replaced": ["--", "deleted the replaced one", "delete the replaced one"],
  import: ["= ", "taken into the state", "import"],
  refresh: ["~ ", "differs from what was recorded", "refresh"],
};

/** Counts and prints what a deployment does, one line a resource, with what changes under it. */
export class Progress implements DeploymentObserver {
  private readonly counts = new Map<StepOp, number>();
  private readonly outcomes: ResourceOutcome[] = [];

  constructor(
    private readonly preview: boolean,
    private readonly write: (line: string) => void,
  ) {}

  done(step: Step): void {
    if (isDefaultProvider(step)) return;
    this.counts.set(step.op, (this.counts.get(step.op) ?? 0) + 1);
    this.outcomes.push({ urn: step.urn, op: step.op, status: "done" });
    if (step.op === "same" || step.op === "create-replacement" || step.op === "delete-replaced") return;
    this.write(`${SHOWN_AS[step.op][0]} ${typeOf(step.urn)} ${nameOf(step.urn)}: ${this.words(step.op)}`);
    for (const line of differences(step)) this.write(`       ${line}`);
  }

  failed(urn: Urn, message: string): void {
    const where = urn === "" ? "" : `${typeOf(urn)} ${nameOf(urn)}: `;
    this.write(`error: ${where}${message.trim()}`);
    this.outcomes.push({ urn, op: "", status: "failed", message });
  }

  skipped(urn: Urn): void {
    this.outcomes.push({ urn, op: "", status: "skipped" });
  }

  /** What became of each tenant, in lines; of a preview nothing. */
  tenants(): readonly string[] {
    return this.preview ? [] : summaryLines(tenantOutcomes(this.outcomes));
  }

  diagnostic(severity: Severity, message: string): void {
    const text = message.trim();
    if (text !== "") this.write(severity === "info" ? text : `${severity}: ${text}`);
  }

  status(message: string): void {
    this.diagnostic("info", message);
  }

  /** For example `2 created, 1 updated, 24 unchanged`. */
  summary(): string {
    const logical: readonly StepOp[] = ["create", "import", "update", "replace", "delete", "refresh", "same"];
    const parts = logical.flatMap((op) => {
      const count = this.counts.get(op) ?? 0;
      return count === 0
        ? []
        : [this.preview && op !== "same" ? `${count} to ${this.words(op)}` : `${count} ${this.countedWords(op)}`];
    });
    return parts.join(", ") || "nothing declared";
  }

  private countedWords(op: StepOp): string {
    return op === "refresh" && !this.preview ? "not as recorded" : this.words(op);
  }

  private words(op: StepOp): string {
    return SHOWN_AS[op][this.preview ? 2 : 1];
  }
}

/** The engine's own providers are of no interest to the reader. */
export function isDefaultProvider(step: Step): boolean {
  return isProviderType(typeOf(step.urn)) && (step.next ?? step.old)?.parent === undefined;
}

/** What changes in an update or replacement, property by property. */
function differences({ op, old, next, diffReasons, replaceReasons }: Step): string[] {
  if (op !== "update" && op !== "replace" && op !== "refresh") return [];
  const roots = [...new Set((diffReasons ?? []).map((path) => path.split(/[.[]/)[0] ?? path))];
  return roots.map((key) => {
    const before = valueText(recordedValue(old?.inputs?.[key], old?.outputs?.[key]));
    const after = valueText(op === "refresh" ? next?.outputs?.[key] : next?.inputs?.[key]);
    const replaces = replaceReasons?.includes(key) ? " (forces replacement)" : "";
    return `~ ${key}: ${before} => ${after}${replaces}`;
  });
}

function recordedValue(input: PropertyValue | undefined, output: PropertyValue | undefined): PropertyValue | undefined {
  return input === undefined || (isMap(input) && Object.keys(input).length === 0) ? (output ?? input) : input;
}
