import { hasUnknown, markSecrets, type PropertyValue, type Props } from "../../protocol/property-values";
import type { CheckAnswer, CheckFailure } from "../stand-in";
import { isZero, namesWhere, type PropertySpec, type Specs, secretNames } from "./properties-spec";

/** Fills in the defaults and says which these are, and refuses what Terraform's schema would. */
export function check(specs: Specs, news: Props): CheckAnswer {
  const given = (name: string) => news[name] !== undefined && news[name] !== null;
  const defaulted = namesWhere(specs, (spec) => !isZero(spec.default)).filter((name) => !given(name));
  const defaults = Object.fromEntries(defaulted.map((name) => [name, specs[name]?.default ?? null]));
  const inputs = { ...news, ...defaults, __defaults: defaulted };
  const failures = Object.entries(specs).flatMap(([name, spec]) => {
    const reason = problemOf(spec, inputs[name as keyof typeof inputs] as PropertyValue | undefined);
    return reason === undefined ? [] : [{ property: name, reason } satisfies CheckFailure];
  });
  return { inputs: markSecrets(inputs, secretNames(specs)), failures };
}

function problemOf(spec: PropertySpec, value: PropertyValue | undefined): string | undefined {
  if (value === undefined || value === null) {
    return spec.required ? "is required, but no definition was found" : undefined;
  }
  if (hasUnknown(value)) return undefined;
  // The value of a secret is not repeated in an error.
  const got = spec.secret ? "another type" : JSON.stringify(value);
  if (!hasKind(spec.kind, value)) return `must be ${KIND_NAMES[spec.kind]}, got ${got}`;
  if (spec.least !== undefined && Number(value) < spec.least) return `must be at least ${spec.least}, got ${got}`;
  if (spec.oneOf && !spec.oneOf.includes(String(value))) return `must be one of ${spec.oneOf.join(", ")}, got ${got}`;
  return undefined;
}

const KIND_NAMES = {
  string: "a string",
  boolean: "a boolean",
  integer: "an integer",
  list: "a list of strings",
  set: "a list of strings",
};

function hasKind(kind: PropertySpec["kind"], value: PropertyValue): boolean {
  if (kind === "integer") return Number.isInteger(value);
  if (kind === "list" || kind === "set") {
    return Array.isArray(value) && value.every((element) => typeof element === "string");
  }
  return kind === "string" ? typeof value === "string" : typeof value === "boolean";
}
