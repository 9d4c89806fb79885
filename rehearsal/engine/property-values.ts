/**
 * Property values as Pulumi's RPC protocol carries them: plain JSON in which a few marked objects and one marked string have
 * a meaning of their own. The signatures below are the protocol's.
 */

export type PropertyValue = null | boolean | number | string | PropertyValue[] | PropertyMap;
export interface PropertyMap {
  [key: string]: PropertyValue;
}

export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
/** Stands for a value that is not known before the resource exists. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The marked objects that this engine does not take, by the name a user would know them under. */
const UNSUPPORTED_SIGNATURES: ReadonlyMap<string, string> = new Map([
  ["c44067f5952c0a294b673a41bacd8c17", "an asset"],
  ["0def7320c3a5731c473e5ecbe6d01bc7", "an archive"],
  ["5cf8f73096256a8f31e491e813e4eb8e", "a resource reference"],
  ["d0e6a833031e9bbcd3f4e8bde6ca49a4", "an output value"],
]);

export function isMap(value: unknown): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: unknown): boolean {
  return isMap(value) && value[SIGNATURE_KEY] === SECRET_SIGNATURE;
}

/** Marks a value as secret; a value that is marked already is returned as it is. */
export function secret(value: PropertyValue): PropertyValue {
  return isSecret(value) ? value : { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/** Applies `visit` to every value, innermost first; secrets are visited as marked objects. */
function transform(value: PropertyValue, visit: (value: PropertyValue) => PropertyValue): PropertyValue {
  if (Array.isArray(value)) {
    return visit(value.map((item) => transform(item, visit)));
  }
  if (isMap(value)) {
    const entries = Object.entries(value).map(([key, item]) => [key, transform(item, visit)] as const);
    return visit(Object.fromEntries(entries));
  }
  return visit(value);
}

/** The value with every secret mark taken off, for a provider that does not take marks. */
export function withoutSecretMarks<T extends PropertyValue>(value: T): T {
  return transform(value, (item) => (isSecret(item) ? ((item as PropertyMap).value ?? null) : item)) as T;
}

/** Replaces each secret by what `replace` makes of its clear value. Nested secrets become part of the outermost one. */
export function mapSecrets(value: PropertyValue, replace: (clear: PropertyValue) => PropertyValue): PropertyValue {
  if (isSecret(value)) {
    return replace(withoutSecretMarks((value as PropertyMap).value ?? null));
  }
  if (Array.isArray(value)) {
    return value.map((item) => mapSecrets(item, replace));
  }
  if (isMap(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapSecrets(item, replace)]));
  }
  return value;
}

export function containsSecret(value: PropertyValue): boolean {
  if (isSecret(value)) {
    return true;
  }
  const items = Array.isArray(value) ? value : isMap(value) ? Object.values(value) : [];
  return items.some(containsSecret);
}

export function containsUnknown(value: PropertyValue): boolean {
  if (value === UNKNOWN) {
    return true;
  }
  const items = Array.isArray(value) ? value : isMap(value) ? Object.values(value) : [];
  return items.some(containsUnknown);
}

/** Refuses by name the kinds of value that this engine does not carry. */
export function refuseUnsupported(value: PropertyValue, where: string): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      refuseUnsupported(item, `${where}[${index}]`);
    });
  } else if (isMap(value)) {
    const kind = UNSUPPORTED_SIGNATURES.get(String(value[SIGNATURE_KEY]));
    if (kind !== undefined) {
      throw new Error(`${where} is ${kind}, which the rehearsal engine does not support`);
    }
    for (const [key, item] of Object.entries(value)) {
      refuseUnsupported(item, `${where}.${key}`);
    }
  }
}

/** Marks as secret what a provider that does not take marks returned for a property whose input was secret. */
export function carrySecretMarks(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  return mapProperties(outputs, (key, value) => {
    const input = inputs[key];
    return input !== undefined && value !== undefined && containsSecret(input) ? secret(value) : value;
  });
}

export function markSecretProperties(properties: PropertyMap, names: readonly string[]): PropertyMap {
  return mapProperties(properties, (key, value) => (names.includes(key) ? secret(value) : value));
}

function mapProperties(
  properties: PropertyMap,
  change: (key: string, value: PropertyValue) => PropertyValue,
): PropertyMap {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, change(key, value)]));
}

/** Equality of meaning: key order does not count, and neither do secret marks. */
export function equalValues(left: PropertyValue | undefined, right: PropertyValue | undefined): boolean {
  if (isSecret(left) || isSecret(right)) {
    return equalValues(withoutSecretMarks(left ?? null), withoutSecretMarks(right ?? null));
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => equalValues(item, right[index]));
  }
  if (isMap(left) && isMap(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].every((key) => key in left && key in right && equalValues(left[key], right[key]));
  }
  return left === right;
}
