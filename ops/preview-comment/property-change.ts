import { isDeepStrictEqual } from "node:util";
import { type Difference, differences, named, own } from "./differences";
import type { PreviewStep } from "./preview-digest";
import { isSecretProperty } from "./secrecy";
import type { ResourceName } from "./urn";

/** What differs between a resource as it is and as it would be. */
export type PropertyChange = (
  | Difference
  /** The code of a dynamic resource's provider, which nobody could read here. */
  | { readonly path: string; readonly kind: "code" }
  /** The preview says that it differs, and not how. */
  | { readonly path: string; readonly kind: "unsaid" }
) & {
  /** It cannot be changed in place. */
  readonly replaces: boolean;
};

const PROGRAM_CODE = "__provider";

type Resource = Pick<ResourceName, "type" | "name">;
type Values = Readonly<Record<string, unknown>>;

/** What changes in a resource, the properties in the order of their names. Secrets carry neither value nor length. */
export function propertyChanges(step: PreviewStep, resource: Resource): PropertyChange[] {
  const states = [step.oldState ?? {}, step.newState ?? {}];
  const [before = {}, after = {}] = states.map(({ inputs }) => inputs ?? {});
  const replacing = new Set(
    [
      ...(step.replaceReasons ?? []),
      ...Object.entries(step.detailedDiff ?? {}).flatMap(([path, { kind }]) => (/-replace$/.test(kind) ? [path] : [])),
    ].map(rootOf),
  );
  return changedProperties(step, before, after).flatMap((property): PropertyChange[] => {
    const replaces = replacing.has(property);
    if (property === PROGRAM_CODE) return [{ path: "", replaces, kind: "code" }];
    if (isSecretProperty(resource, property, states)) return [{ path: property, replaces, kind: "secret" }];
    const written = differences(property, own(before, property), own(after, property));
    // What somebody changed by hand shows in the outputs alone.
    const changes = written.length > 0 ? written : drifted(step, property, after);
    if (changes.length === 0) return [{ path: named("", property), replaces, kind: "unsaid" }];
    return changes.map((change) => ({ ...change, replaces }));
  });
}

/** What the provider says differs; without its word, whatever does. */
function changedProperties(step: PreviewStep, before: Values, after: Values): string[] {
  const said = [...(step.diffReasons ?? []), ...(step.replaceReasons ?? []), ...Object.keys(step.detailedDiff ?? {})];
  const unequal = Object.keys({ ...before, ...after }).filter(
    (key) => !isDeepStrictEqual(own(before, key), own(after, key)),
  );
  const code = unequal.includes(PROGRAM_CODE) ? [PROGRAM_CODE] : [];
  const properties = said.length > 0 ? said.map(rootOf) : unequal;
  return [...code, ...[...new Set(properties)].filter((property) => !property.startsWith("__")).sort()];
}

/** `tags` of `tags.Name`, `a.b` of `["a.b"].c`. */
function rootOf(path: string): string {
  const [, quoted, plain] = /^(?:\["((?:[^"\\]|\\.)*)"\]|([^.[]*))/s.exec(path) ?? [];
  return quoted?.replace(/\\(.)/gs, "$1") ?? plain ?? path;
}

function drifted({ oldState, newState }: PreviewStep, property: string, after: Values): Difference[] {
  const is = own(oldState?.outputs ?? {}, property);
  const toBe = own(after, property) ?? own(newState?.outputs ?? {}, property);
  return is === undefined || toBe === undefined ? [] : differences(property, is, toBe);
}
