/** What the protocol calls a property value, as plain JSON. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A bag of properties: the inputs or the state of one resource. */
export type Props = { [key: string]: Json };

/** Stands, in a preview, for a value that only a real run will know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** Marks a value as secret, in the protocol's own wrapping: the engine keeps it encrypted. */
export function secret(value: Json): Json {
  return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/** A copy of `properties` in which those of `names` that are present are secret. */
export function withSecrets(properties: Props, names: readonly string[]): Props {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, names.includes(key) ? secret(value) : value]),
  );
}

/**
 * Takes the secret wrapping off, at any depth. Any other signed value (asset, archive, resource reference, output) is an
 * error: the stand-ins do not announce that they accept these, so an engine that sends one is at fault.
 */
export function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const signature = value[SIGNATURE_KEY];
  if (signature === SECRET_SIGNATURE) return plain(value.value ?? null);
  if (signature !== undefined) throw new Error(`a value signed ${JSON.stringify(signature)} is not supported`);
  return plainProps(value);
}

/** {@link plain} for a whole bag of properties. */
export function plainProps(properties: Props): Props {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, plain(value)]));
}

/** Whether the value is, or anywhere holds, one that is not known yet. */
export function hasUnknown(value: Json): boolean {
  if (value === UNKNOWN) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(hasUnknown);
}
