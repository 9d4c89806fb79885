import { type Props, UNKNOWN } from "../../protocol/property-values";
import type { CheckFailure } from "../stand-in";

/** A failure unless the property is an integer of at least `least`, or not known yet. */
export function atLeast(inputs: Props, property: string, least: number): CheckFailure[] {
  const value = inputs[property];
  if (value === UNKNOWN || (Number.isInteger(value) && Number(value) >= least)) return [];
  return [{ property, reason: `must be an integer of at least ${least}, got ${JSON.stringify(value ?? null)}` }];
}
