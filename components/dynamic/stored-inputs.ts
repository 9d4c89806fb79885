import type { ConnectionTarget } from "../../domain/connection-string";

/** The inputs of a dynamic resource that its state keeps, each named. */
export type StoredKeys<Inputs> = { readonly [Key in keyof Required<Inputs>]: true };

export const LOGIN_KEYS: StoredKeys<ConnectionTarget> = {
  host: true,
  port: true,
  database: true,
  sslmode: true,
  user: true,
  password: true,
};

/** What the state keeps of the inputs: not the SDK's own `__provider`, which comes along in them and must not be stored twice. */
export function storedInputs<Inputs extends object>(keys: StoredKeys<Inputs>, inputs: Inputs): Inputs {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => key in keys)) as Inputs;
}

/** The keys whose values differ; one that is missing differs from one that is there. */
export function changedKeys<Inputs extends object>(
  keys: StoredKeys<Inputs>,
  olds: Partial<Inputs>,
  news: Inputs,
): (keyof Inputs)[] {
  return (Object.keys(keys) as (keyof Inputs)[]).filter((key) => olds[key] !== news[key]);
}

/** Whether a tenant's schema is to be in another place than it was; another name of the same server counts as one. */
export function isElsewhere<Inputs extends ConnectionTarget & { readonly schema: string }>(
  olds: Partial<Inputs>,
  news: Inputs,
): boolean {
  return (["host", "port", "database", "schema"] as const).some((key) => olds[key] !== news[key]);
}
