/**
 * Property values as Pulumi's RPC protocol carries them: plain JSON in which a few marked objects and one marked string have
 * a meaning of their own. The signatures below are the protocol's.
 */
import { isDeepStrictEqual } from "node:util";

export type PropertyValue = null | boolean | number | string | PropertyValue[] | Props;
/** The inputs or the state of one resource, or a map among its properties. */
export interface Props {
  [key: string]: PropertyValue;
}

export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
/** Stands for a value that is not known before the resource exists. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The marked objects that the rehearsal does not take, by the name a user would know them under. */
const UNSUPPORTED_SIGNATURES: ReadonlyMap<string, string> = new Map([
  ["c44067f5952c0a294b673a41bacd8c17", "an asset"],
  ["0def7320c3a5731c473e5ecbe6d01bc7", "an archive"],
  ["5cf8f73096256a8f31e491e813e4eb8e", "a resource reference"],
  ["d0e6a833031e9bbcd3f4e8bde6ca49a4", "an output value"],
]);

export function isMap(value: unknown): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: unknown): value is Props {
  return isMap(value) && value[SIGNATURE_KEY] === SECRET_SIGNATURE;
}

/** Marks a value as secret; a value that is marked already is returned as it is. */
export function secret(value: PropertyValue): PropertyValue {
  return isSecret(value) ? value : { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/** The value with `change` applied to the items of a list, or to the properties of a map; the very value where nothing changes. */
export function mapChildren(value: PropertyValue, change: (child: PropertyValue) => PropertyValue): PropertyValue {
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value)) return mapProps(value, (_, item) => change(item));
  const changed = value.map(change);
  return changed.every((item, at) => item === value[at]) ? value : changed;
}

function mapProps(properties: Props, change: (key: string, value: PropertyValue) => PropertyValue): Props {
  const changed = Object.entries(properties).map(([key, value]) => [key, change(key, value)] as const);
  return changed.every(([key, value]) => value === properties[key]) ? properties : Object.fromEntries(changed);
}

/** The value with every secret mark taken off, for a provider that does not take marks. */
export function withoutSecretMarks<T extends PropertyValue>(value: T): T {
  return mapSecrets(value, (clear) => clear) as T;
}

/** Replaces each secret by what `replace` makes of its clear value. Nested secrets become part of the outermost one. */
export function mapSecrets(value: PropertyValue, replace: (clear: PropertyValue) => PropertyValue): PropertyValue {
  return isSecret(value)
    ? replace(withoutSecretMarks(value.value ?? null))
    : mapChildren(value, (child) => mapSecrets(child, replace));
}

/** Whether the value is, or anywhere holds, a secret. */
export function hasSecret(value: PropertyValue): boolean {
  return isSecret(value) || childrenOf(value).some(hasSecret);
}

/** Whether the value is, or anywhere holds, one that is not known yet. */
export function hasUnknown(value: PropertyValue): boolean {
  return value === UNKNOWN || childrenOf(value).some(hasUnknown);
}

/** The properties without those that are not known, however deep. */
export function withoutUnknowns(properties: Props): Props {
  return known(properties) as Props;
}

function known(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.filter((item) => item !== UNKNOWN).map(known);
  if (!isMap(value)) return value;
  const entries = Object.entries(value).filter(
    ([, item]) => item !== UNKNOWN && !(isSecret(item) && item.value === UNKNOWN),
  );
  return Object.fromEntries(entries.map(([key, item]) => [key, known(item)]));
}

function childrenOf(value: PropertyValue): PropertyValue[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

/** @throws Error that names a value of a kind that the rehearsal does not carry. `where` names what holds it. */
export function refuseUnsupported(value: PropertyValue, where: string): void {
  const kind = isMap(value) ? UNSUPPORTED_SIGNATURES.get(String(value[SIGNATURE_KEY])) : undefined;
  if (kind !== undefined) throw new Error(`${where} is ${kind}, which the rehearsal does not support`);
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    refuseUnsupported(item, Array.isArray(value) ? `${where}[${key}]` : `${where}.${key}`);
  }
}

/** Marks as secret what a provider that does not take marks returned for a property whose input was secret. */
export function carrySecretMarks(outputs: Props, inputs: Props): Props {
  return mapProps(outputs, (key, value) => (hasSecret(inputs[key] ?? null) ? secret(value) : value));
}

/** The properties, of which those named are secret. */
export function markSecrets(properties: Props, names: readonly string[]): Props {
  return mapProps(properties, (key, value) => (names.includes(key) ? secret(value) : value));
}

/** Equality of meaning: key order does not count, and neither do secret marks. */
export function equalValues(left: PropertyValue | undefined, right: PropertyValue | undefined): boolean {
  return isDeepStrictEqual(withoutSecretMarks(left ?? null), withoutSecretMarks(right ?? null));
}
