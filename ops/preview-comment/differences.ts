import { isDeepStrictEqual } from "node:util";
import { isSecretName, isSecretValue } from "./secrecy";

/** One side of a difference. */
export type Side = { readonly value: unknown } | "absent" | "unknown";

/** Where two values differ, by a path as `tags.Name` or `ingress[0].cidr`. Of a secret neither value nor length. */
export type Difference = { readonly path: string } & (
  | { readonly kind: "values"; readonly from: Side; readonly to: Side }
  | { readonly kind: "secret" }
);

type Values = Readonly<Record<string, unknown>>;

/** Place holder of previews for what is known only once something else was made. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const MOST_DEPTH = 8;

/** Every place inside two values of a property where they differ. `undefined` is a value that is not there. */
export function differences(property: string, from: unknown, to: unknown): Difference[] {
  return within(named("", property), from, to, 0);
}

function within(path: string, from: unknown, to: unknown, depth: number): Difference[] {
  if (isDeepStrictEqual(from, to)) return [];
  if (isSecretValue(from) || isSecretValue(to)) return [{ path, kind: "secret" }];
  const [a, b] = [inner(from), inner(to)];
  if (a === undefined || b === undefined || depth >= MOST_DEPTH) {
    return holdsSecret(from) || holdsSecret(to)
      ? [{ path, kind: "secret" }]
      : [{ path, kind: "values", from: side(from), to: side(to) }];
  }
  const isList = Array.isArray(from) && Array.isArray(to);
  return Object.keys({ ...a, ...b }).flatMap((key): Difference[] => {
    const at = isList ? `${path}[${key}]` : named(path, key);
    if (isDeepStrictEqual(own(a, key), own(b, key))) return [];
    if (!isList && isSecretName(key)) return [{ path: at, kind: "secret" }];
    return within(at, own(a, key), own(b, key), depth + 1);
  });
}

/** What is compared key by key. A list of plain values is not: one more at its top would seem to change every other. */
function inner(value: unknown): Values | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item !== "object" || item === null)) return undefined;
  return value as Values;
}

function holdsSecret(value: unknown): boolean {
  if (isSecretValue(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, item]) => (!Array.isArray(value) && isSecretName(key)) || holdsSecret(item));
}

function side(value: unknown): Side {
  if (value === undefined) return "absent";
  return value === UNKNOWN ? "unknown" : { value };
}

/** Not what an object has by nature: a key of the input may be called `constructor`. */
export function own(values: Values, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

export function named(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
