import type { PreviewStep } from "./preview-digest";
import { type PropertyChange, propertyChanges } from "./property-change";
import type { ResourceName } from "./urn";

/** "unknown": an operation that the engine has come to have since. */
export type ChangeKind = "create" | "adopt" | "update" | "replace" | "delete" | "unknown";

/** What happens to one resource. */
export interface ResourceChange {
  readonly kind: ChangeKind;
  readonly type: string;
  readonly name: string;
  /** The resource that takes its place, where that has a name of its own. */
  readonly successor?: string;
  /** It is what an earlier run has replaced, and not come to delete. */
  readonly leftOver: boolean;
  /** Of an update or a replacement. */
  readonly properties: readonly PropertyChange[];
  /** What was recorded of it, and what is asked for now. */
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

const KINDS: Readonly<Record<string, ChangeKind>> = {
  create: "create",
  import: "adopt",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
  "import-replacement": "replace",
  "read-replacement": "replace",
  "delete-replaced": "delete",
  delete: "delete",
};

/** Operations that change nothing but the state, or are halves of a `replace` that the digest lists as well. */
const NOTHING = new Set(["same", "refresh", "read", "discard", "discard-replaced", "remove-pending-replace"]);
const HALVES = new Set(["create-replacement", "import-replacement", "read-replacement", "delete-replaced"]);

/** Every change of a preview with the name of its resource, in the order of the steps. */
export function resourceChanges(
  steps: readonly (PreviewStep & { readonly resource: ResourceName })[],
): { readonly resource: ResourceName; readonly change: ResourceChange }[] {
  const replaced = new Set(steps.filter(({ op }) => op === "replace").map(({ urn }) => urn));
  return steps
    .filter(({ op, urn }) => !NOTHING.has(op) && !(HALVES.has(op) && replaced.has(urn)))
    .map((step) => ({ resource: step.resource, change: resourceChange(step, step.resource) }));
}

function resourceChange(step: PreviewStep, { type, name }: ResourceName): ResourceChange {
  const kind = KINDS[step.op] ?? "unknown";
  const hasProperties = kind === "update" || kind === "replace" || kind === "adopt";
  return {
    kind,
    type,
    name,
    leftOver: kind === "delete" && step.oldState?.delete === true,
    properties: hasProperties && step.oldState ? propertyChanges(step, { type, name }) : [],
    before: step.oldState?.inputs ?? {},
    after: step.newState?.inputs ?? {},
  };
}

const INSTANCE = "aws:ec2/instance:Instance";

/**
 * A server that is replaced by raising `rotation.server` is a new resource with a name of its own and the deletion of the old
 * one: told as the one replacement that it is.
 */
export function withServerReplaced(changes: readonly ResourceChange[]): ResourceChange[] {
  const ended = changes.find(({ kind, type, leftOver }) => type === INSTANCE && kind === "delete" && !leftOver);
  const made = changes.find(({ kind, type }) => type === INSTANCE && kind === "create");
  if (!ended || !made) return [...changes];
  const states = { oldState: { inputs: ended.before }, newState: { inputs: made.after } };
  const properties = propertyChanges({ op: "replace", urn: "", ...states }, ended);
  const one: ResourceChange = { ...ended, kind: "replace", successor: made.name, properties, after: made.after };
  return changes.flatMap((change) => (change === made ? [] : change === ended ? [one] : [change]));
}
