import type { PropertyValue, Props } from "../../protocol/property-values";

/** AWS's API names these fields as the provider does, but for the first letter. */
export function capitalised(fields: Props): { [key: string]: PropertyValue } {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([key]) => !key.startsWith("__"))
      .map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), value]),
  );
}
