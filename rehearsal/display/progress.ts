import type { DeploymentObserver, Severity, Step, StepOp } from "../engine/step";
import { isProviderType, nameOf, typeOf, type Urn } from "../engine/urn";
import type { PropertyValue } from "../protocol/property-values";
import { isMap } from "../protocol/property-values";
import { shown } from "./masked";

const SIGNS: Readonly<Record<StepOp, string>> = {
  same: "  ",
  create: "+ ",
  update: "~ ",
  delete: "- ",
  replace: "+-",
  "create-replacement": "++",
  "delete-replaced": "--",
  import: "= ",
  refresh: "~ ",
};

const DONE_WORDS: Readonly<Record<StepOp, string>> = {
  same: "unchanged",
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  "create-replacement": "created its replacement",
  "delete-replaced": "deleted the replaced one",
  import: "taken into the state",
  refresh: "differs from what was recorded",
};

const PLANNED_WORDS: Readonly<Record<StepOp, string>> = {
  same: "unchanged",
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "create its replacement",
  "delete-replaced": "delete the replaced one",
  import: "import",
  refresh: "refresh",
};

/** Counts and prints what a deployment does, one line a resource, with what changes under it. */
export class Progress implements DeploymentObserver {
  private readonly counts = new Map<StepOp, number>();

  constructor(
    private readonly preview: boolean,
    private readonly write: (line: string) => void,
  ) {}

  done(step: Step): void {
    if (isDefaultProvider(step)) return;
    this.counts.set(step.op, (this.counts.get(step.op) ?? 0) + 1);
    if (step.op === "same" || step.op === "create-replacement" || step.op === "delete-replaced") return;
    const words = this.preview ? PLANNED_WORDS : DONE_WORDS;
    this.write(`${SIGNS[step.op]} ${typeOf(step.urn)} ${nameOf(step.urn)}: ${words[step.op]}`);
    for (const line of differences(step)) this.write(`       ${line}`);
  }

  failed(urn: Urn, message: string): void {
    const where = urn === "" ? "" : `${typeOf(urn)} ${nameOf(urn)}: `;
    this.write(`error: ${where}${message.trim()}`);
  }

  diagnostic(severity: Severity, message: string): void {
    const text = message.trim();
    if (text !== "") this.write(severity === "info" ? text : `${severity}: ${text}`);
  }

  /** As `2 created, 1 updated, 24 unchanged`. */
  summary(): string {
    const words = this.preview ? PLANNED_WORDS : DONE_WORDS;
    const logical: readonly StepOp[] = ["create", "import", "update", "replace", "delete", "refresh", "same"];
    const parts = logical.flatMap((op) => {
      const count = this.counts.get(op) ?? 0;
      return count === 0 ? [] : [this.preview && op !== "same" ? `${count} to ${words[op]}` : `${count} ${words[op]}`];
    });
    return parts.join(", ") || "nothing declared";
  }
}

/** The engine's own providers are no business of a reader. */
export function isDefaultProvider(step: Step): boolean {
  return isProviderType(typeOf(step.urn)) && (step.next ?? step.old)?.parent === undefined;
}

/** What changes in an update or replacement, property by property. */
function differences({ op, old, next, diffReasons, replaceReasons }: Step): string[] {
  if (op !== "update" && op !== "replace" && op !== "refresh") return [];
  const roots = [...new Set((diffReasons ?? []).map((path) => path.split(/[.[]/)[0] ?? path))];
  return roots.map((key) => {
    const before = shown(recordedValue(old?.inputs?.[key], old?.outputs?.[key]));
    const after = shown(op === "refresh" ? next?.outputs?.[key] : next?.inputs?.[key]);
    const replaces = replaceReasons?.includes(key) ? " (forces replacement)" : "";
    return `~ ${key}: ${before} => ${after}${replaces}`;
  });
}

function recordedValue(input: PropertyValue | undefined, output: PropertyValue | undefined): PropertyValue | undefined {
  return input === undefined || (isMap(input) && Object.keys(input).length === 0) ? (output ?? input) : input;
}
