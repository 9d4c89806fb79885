import { isDeepStrictEqual } from "node:util";
import { hasUnknown, type PropertyValue, type Props } from "../../protocol/property-values";
import type { DiffKind } from "../stand-in";
import type { InputSpec } from "./aws-type";

export interface Difference {
  /** For example `tags.Name` or `metadataOptions.httpTokens`. */
  readonly path: string;
  /** The input it belongs to. */
  readonly input: string;
  readonly kind: DiffKind;
}

/** Where the inputs of this run differ from the state of the last. */
export function differences(
  specs: Readonly<Record<string, InputSpec>>,
  olds: Props,
  news: Props,
  ignored: readonly string[] = [],
): Difference[] {
  return Object.entries(specs)
    .filter(([input]) => !ignored.includes(input))
    .flatMap(([input, spec]) =>
      differencesOf(input, spec, olds[input], news[input]).map((found) => ({ ...found, input })),
    );
}

function differencesOf(
  path: string,
  spec: InputSpec,
  old: PropertyValue | undefined,
  now: PropertyValue | undefined,
): Omit<Difference, "input">[] {
  if (spec.fields && isObject(now)) {
    const before = isObject(old) ? old : {};
    return Object.entries(spec.fields).flatMap(([field, inner]) =>
      differencesOf(`${path}.${field}`, inner, before[field], now[field]),
    );
  }
  if (isSame(spec, old, now)) return [];
  // A map, as tags, is compared by its keys, so that a preview shows the one that changes.
  if (isObject(now) && isObject(old) && !hasUnknown(now)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
    return keys
      .filter((key) => !isDeepStrictEqual(old[key], now[key]))
      .map((key) => ({ path: `${path}.${key}`, kind: kindOf(spec, old[key], now[key]) }));
  }
  return [{ path, kind: kindOf(spec, old, now) }];
}

function isSame(spec: InputSpec, old: PropertyValue | undefined, now: PropertyValue | undefined): boolean {
  if (isEmpty(now)) return isEmpty(old) || (spec.computed === true && now !== false);
  if (hasUnknown(now ?? null)) return false;
  if (spec.compare === "document") return isDeepStrictEqual(document(old), document(now));
  if (spec.compare === "set") return isDeepStrictEqual(sorted(old), sorted(now));
  return isDeepStrictEqual(old, now);
}

function kindOf(spec: InputSpec, old: PropertyValue | undefined, now: PropertyValue | undefined): DiffKind {
  const kind = isEmpty(old) ? "ADD" : isEmpty(now) ? "DELETE" : "UPDATE";
  return spec.replaces ? `${kind}_REPLACE` : kind;
}

/** The real provider cannot tell these apart either: its schema has no absent values. */
function isEmpty(value: PropertyValue | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isObject(value: PropertyValue | undefined): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function document(value: PropertyValue | undefined): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return value;
  }
}

function sorted(value: PropertyValue | undefined): PropertyValue | undefined {
  return Array.isArray(value) ? [...value].sort() : value;
}
