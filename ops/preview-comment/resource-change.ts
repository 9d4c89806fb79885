import { isDeepStrictEqual } from "node:util";
import type { ResourceUrn } from "../../domain/urn";
import type { PreviewStep } from "./preview-digest";

/** "unknown": an operation that the engine gained after this was written. */
export type ChangeKind = "create" | "adopt" | "update" | "replace" | "delete" | "unknown";

/** What happens to one resource. */
export interface ResourceChange {
  readonly kind: ChangeKind;
  readonly type: string;
  readonly name: string;
  /** The resource that takes its place, where that has a name of its own. */
  readonly successor?: string;
  /** An earlier run replaced it, and ended before it was deleted. */
  readonly leftOver: boolean;
  /** Of an update, an adoption or a replacement. */
  readonly properties: readonly PropertyChange[];
  /** Inputs on record, and those of the new program. */
  readonly before: Values;
  readonly after: Values;
}

/** A property that changes. */
export interface PropertyChange {
  readonly key: string;
  /** It cannot be changed in place. */
  readonly forcesReplacement: boolean;
  /** Only of the few properties whose values reviewers ask for. */
  readonly values?: { readonly from: unknown; readonly to: unknown };
}

type Values = Readonly<Record<string, unknown>>;

const KINDS: ReadonlyMap<string, ChangeKind> = new Map([
  ["create", "create"],
  ["import", "adopt"],
  ["update", "update"],
  ["replace", "replace"],
  ["create-replacement", "replace"],
  ["import-replacement", "replace"],
  ["read-replacement", "replace"],
  ["delete-replaced", "delete"],
  ["delete", "delete"],
]);

/** Operations that change nothing but the state. */
const NOTHING = new Set(["same", "refresh", "read", "discard", "discard-replaced", "remove-pending-replace"]);
/** Halves of a `replace` that the digest lists as well. */
const HALVES = new Set(["create-replacement", "import-replacement", "read-replacement", "delete-replaced"]);

/**
 * The properties whose values are shown: type and name of the resource, its property, and the key inside of that. All others are
 * named by their key alone, so that no value reaches a comment that nobody has thought about.
 */
const SHOWN: readonly (readonly [type: RegExp, name: RegExp, property: string, key?: string])[] = [
  [/^postgresql:.*:Role$/, /-role$/, "connectionLimit"],
  [/:Instance$/, /-instance(-\d+)?$/, "instanceType"],
  [/:Parameter$/, /-env-(ALLOWED_ORIGINS|FRONTEND_URL)$|-pooler$/, "insecureValue"],
  [/:RandomPassword$/, /./, "keepers", "rotation"],
  [/:OffboardingGate$/, /./, "backup"],
  [/:SchemaGuard$|:SqlScript$/, /./, "adopt"],
];

/** Every change of a preview with the name of its resource, in the order of the steps. */
export function resourceChanges(
  steps: readonly (PreviewStep & { readonly resource: ResourceUrn })[],
): { readonly resource: ResourceUrn; readonly change: ResourceChange }[] {
  const replaced = new Set(steps.filter(({ op }) => op === "replace").map(({ urn }) => urn));
  return steps
    .filter(({ op, urn }) => !NOTHING.has(op) && !(HALVES.has(op) && replaced.has(urn)))
    .map((step) => ({ resource: step.resource, change: resourceChange(step, step.resource) }));
}

function resourceChange(step: PreviewStep, { type, name }: ResourceUrn): ResourceChange {
  const kind = KINDS.get(step.op) ?? "unknown";
  const hasProperties = kind === "update" || kind === "replace" || kind === "adopt";
  return {
    kind,
    type,
    name,
    leftOver: kind === "delete" && step.oldState?.delete === true,
    properties: hasProperties && step.oldState ? propertyChanges(step, type, name) : [],
    before: step.oldState?.inputs ?? {},
    after: step.newState?.inputs ?? {},
  };
}

/**
 * A server that is replaced by raising `rotation.server` is a new resource with a name of its own, and the deletion of the old
 * one. Both become the one replacement that they are.
 */
export function withServerReplaced(changes: readonly ResourceChange[]): ResourceChange[] {
  const isServer = ({ type }: ResourceChange) => type === "aws:ec2/instance:Instance";
  const ended = changes.find((change) => isServer(change) && change.kind === "delete" && !change.leftOver);
  const made = changes.find((change) => isServer(change) && change.kind === "create");
  if (!ended || !made) return [...changes];
  const states = { oldState: { inputs: ended.before }, newState: { inputs: made.after } };
  const properties = propertyChanges({ op: "replace", urn: "", ...states }, ended.type, ended.name);
  const one: ResourceChange = { ...ended, kind: "replace", successor: made.name, properties, after: made.after };
  return changes.flatMap((change) => (change === made ? [] : change === ended ? [one] : [change]));
}

/** The properties that the provider says differ, in the order of their names; without its word, those that do. */
function propertyChanges(step: PreviewStep, type: string, name: string): PropertyChange[] {
  const [before, after] = [step.oldState?.inputs ?? {}, step.newState?.inputs ?? {}];
  const { diffReasons, replaceReasons, detailedDiff } = step;
  const said = [...(diffReasons ?? []), ...(replaceReasons ?? []), ...Object.keys(detailedDiff ?? {})].map(rootOf);
  const unequal = Object.keys({ ...before, ...after }).filter(
    (key) => !isDeepStrictEqual(own(before, key), own(after, key)),
  );
  const forcing = new Set([
    ...(replaceReasons ?? []).map(rootOf),
    ...Object.entries(detailedDiff ?? {}).flatMap(([path, { kind }]) =>
      kind.endsWith("-replace") ? [rootOf(path)] : [],
    ),
  ]);
  // No provider speaks of its own code, which a dynamic resource keeps among its inputs.
  const code = unequal.includes("__provider") ? ["__provider"] : [];
  const keys = new Set((said.length > 0 ? said : unequal).filter((key) => !key.startsWith("__")));
  return [...code, ...[...keys].sort()].map((property) => {
    const shown = SHOWN.find(([types, names, own]) => types.test(type) && names.test(name) && own === property);
    const values = shown && shownValues(step, property, shown[3]);
    const forcesReplacement = forcing.has(property);
    return values ? { key: shown[3] ?? property, forcesReplacement, values } : { key: property, forcesReplacement };
  });
}

function shownValues({ oldState, newState }: PreviewStep, property: string, key?: string): PropertyChange["values"] {
  if ([oldState, newState].some((state) => state?.additionalSecretOutputs?.includes(property))) return undefined;
  const valueIn = (values: Values | null | undefined) => {
    const value = own(values ?? {}, property);
    return key === undefined || typeof value !== "object" ? value : own({ ...value }, key);
  };
  const [recorded, to] = [valueIn(oldState?.inputs), valueIn(newState?.inputs)];
  // What somebody changed by hand shows in the outputs alone.
  const from = recorded === to ? valueIn(oldState?.outputs) : recorded;
  const isPlain = [from, to].every((value) => typeof value !== "object");
  return isPlain && from !== to ? { from, to } : undefined;
}

/** `tags` of `tags.Name`, `a.b` of `["a.b"].c`. */
function rootOf(path: string): string {
  const [, inBrackets, plain] = /^(?:\["((?:[^"\\]|\\.)*)"\]|([^.[]*))/s.exec(path) ?? [];
  return inBrackets?.replace(/\\(.)/gs, "$1") ?? plain ?? path;
}

/** Not what every object inherits: a key of the input may be called `constructor`. */
function own(values: Values, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}
