import { randomBytes } from "node:crypto";
import { hasUnknown, type PropertyValue, type Props } from "../../protocol/property-values";
import type { CheckAnswer, CheckFailure, CheckRequest } from "../stand-in";
import type { AwsType, InputSpec } from "./aws-type";

/** What the real provider's check does: fills in defaults and names, notes which, and refuses what its schema refuses. */
export function checkInputs(type: AwsType, { name, olds, news, randomSeed }: CheckRequest): CheckAnswer {
  const inputs: Props = { ...news };
  const filled: string[] = [];
  for (const [key, spec] of Object.entries(type.inputs)) {
    if (inputs[key] !== undefined && inputs[key] !== null) continue;
    const value = spec.autonamed ? (formerName(key, olds) ?? newName(name, randomSeed)) : spec.default;
    if (value === undefined) continue;
    inputs[key] = value;
    filled.push(key);
  }
  inputs.__defaults = filled.sort();
  const failures = failuresOf(type.inputs, inputs, "");
  if (failures.length === 0 && !hasUnknown(inputs)) failures.push(...(type.validate?.(inputs) ?? []));
  return { inputs, failures };
}

/** A name that the last run made up is kept; one that the program gave and gives no more is not. */
function formerName(key: string, olds: Props): PropertyValue | undefined {
  return Array.isArray(olds.__defaults) && olds.__defaults.includes(key) ? olds[key] : undefined;
}

function newName(logicalName: string, seed: Uint8Array): string {
  // An engine that wants reproducible names sends a seed.
  const random = seed.length > 0 ? Buffer.from(seed) : randomBytes(4);
  return `${logicalName}-${random.toString("hex").slice(0, 7)}`;
}

function failuresOf(specs: Readonly<Record<string, InputSpec>>, inputs: Props, prefix: string): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const [key, spec] of Object.entries(specs)) {
    const value = inputs[key];
    if (spec.required && (value === undefined || value === null)) {
      failures.push({ property: `${prefix}${key}`, reason: `Missing required argument: '${prefix}${key}'` });
    }
    if (spec.fields && typeof value === "object" && value !== null && !Array.isArray(value)) {
      const unknown = Object.keys(value).filter((field) => !field.startsWith("__") && !(field in (spec.fields ?? {})));
      for (const field of unknown) {
        const known = Object.keys(spec.fields).sort().join(", ");
        const reason = `the rehearsal's stand-in does not support the property '${prefix}${key}.${field}'; it supports ${known}`;
        failures.push({ property: `${prefix}${key}.${field}`, reason });
      }
      failures.push(...failuresOf(spec.fields, value, `${prefix}${key}.`));
    }
  }
  return failures;
}
