/** Values and states as people see them: on one line, and without secrets. */
import type { ResourceState } from "../engine/state";
import { isMap, mapSecrets, type PropertyValue, type Props, UNKNOWN } from "../protocol/property-values";

export const SECRET_TEXT = "[secret]";
const UNKNOWN_TEXT = "[unknown]";

/** A value with every secret replaced by a fixed text, whatever its length. */
export function withSecretsMasked(value: PropertyValue): PropertyValue {
  return mapSecrets(value, () => SECRET_TEXT);
}

/** A whole resource state as a preview may show it. */
export function maskedState(state: ResourceState): Props {
  return withSecretsMasked(state as unknown as PropertyValue) as Props;
}

/** A value on one line, for people. */
export function valueText(value: PropertyValue | undefined): string {
  if (value === undefined) return "(none)";
  return render(withSecretsMasked(value));
}

function render(value: PropertyValue): string {
  if (value === UNKNOWN) return UNKNOWN_TEXT;
  if (value === SECRET_TEXT) return SECRET_TEXT;
  if (Array.isArray(value)) return `[${value.map(render).join(", ")}]`;
  if (isMap(value)) {
    const entries = Object.entries(value).map(([key, item]) => `${key}: ${render(item)}`);
    return `{${entries.join(", ")}}`;
  }
  return JSON.stringify(value);
}
