import { isDeepStrictEqual } from "node:util";
import type { SettingsSpec } from "../../domain/settings-spec";
import type { StackAccess } from "../stack/stack-access";

/** Whether two stacks have one database server, and one database on it. */
export function haveOneDatabase(one: SettingsSpec, other: SettingsSpec): boolean {
  return isDeepStrictEqual(placeOf(one), placeOf(other));
}

function placeOf({ database: { host, port, name } }: SettingsSpec) {
  return { host, port, name };
}

/**
 * In what two stacks differ that a tenant is made of: what one stack made would be changed by the other's next `up`. What is for new
 * servers alone, and what a stack has for itself, does not count.
 *
 * @returns For example `network.vpcId ("vpc-1", "vpc-2")`.
 */
export function stackDifferences(one: StackAccess, other: StackAccess, slug: string): string[] {
  const [here, there] = [one, other].map((stack) => new Map(leaves("", madeOf(stack, slug))));
  const names = [...new Set([...(here?.keys() ?? []), ...(there?.keys() ?? [])])];
  return names.flatMap((name) => {
    const values = [here?.get(name), there?.get(name)].map((value) => value ?? "nothing");
    return values[0] === values[1] ? [] : [`${name} (${values.join(", ")})`];
  });
}

function madeOf({ settings, everyStack }: StackAccess, slug: string): object {
  const { environment, aws, database, network, backups, migrations, alarms } = settings;
  const { vpcId, databaseSecurityGroupId, ingress } = network;
  const tenant = everyStack.find((spec) => spec.slug === slug);
  return {
    environment,
    aws,
    database,
    network: { vpcId, databaseSecurityGroupId, ingress },
    backups,
    migrations,
    alarms: alarms && { databaseInstance: alarms.databaseInstance },
    limits: { defaults: tenant?.database },
    server: { instanceType: tenant?.server.instanceType, pooler: tenant?.server.pooler },
  };
}

function leaves(path: string, value: unknown): [string, string][] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null) return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(path === "" ? key : `${path}.${key}`, inner));
}
