import type { PropertyValue, Props } from "../../protocol/property-values";

/** What Terraform's schema says of one property, under its Pulumi name. */
export interface PropertySpec {
  readonly kind: "string" | "boolean" | "integer" | "list" | "set";
  readonly required?: true;
  readonly default?: PropertyValue;
  /** A change of it replaces the resource. */
  readonly forceNew?: true;
  /** When it is not given, the server decides, and what it decided is kept. */
  readonly computed?: true;
  readonly secret?: true;
  /** Not an input here: stands in the state only, as the real plugin writes it. */
  readonly stateOnly?: true;
  readonly least?: number;
  readonly oneOf?: readonly string[];
}

export type Specs = Readonly<Record<string, PropertySpec>>;

/** Names of the properties for which `wanted` holds, sorted. */
export function namesWhere(specs: Specs, wanted: (spec: PropertySpec) => boolean): string[] {
  return Object.keys(specs)
    .filter((name) => wanted(specs[name] as PropertySpec))
    .sort();
}

export function secretNames(specs: Specs): string[] {
  return namesWhere(specs, (spec) => spec.secret === true);
}

/** Whether Terraform does not tell the value from none: its state holds no null. */
export function isZero(value: PropertyValue | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}

/** The elements of a set, in the order in which Terraform hands them out; none as null. */
export function sortedSet(values: readonly string[]): PropertyValue {
  return values.length === 0 ? null : [...new Set(values)].sort();
}

/** A property that must be a string, or is absent. */
export function text(state: Props, name: string): string {
  return typeof state[name] === "string" ? state[name] : "";
}

export function strings(state: Props, name: string): string[] {
  const value = state[name];
  return Array.isArray(value) ? value.map(String) : [];
}
