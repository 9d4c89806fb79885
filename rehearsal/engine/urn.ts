import { STACK_TYPE } from "../../domain/resource-types";
import { parseUrn } from "../../domain/urn";

/** `urn:pulumi:<stack>::<project>::<qualified type>::<name>`, a resource's identity within its stack. */
export type Urn = string;

/** `parent` is the URN of the parent; a child of the stack itself carries no parent type. */
export function createUrn(stack: string, project: string, parent: Urn, type: string, name: string): Urn {
  const parentType = parent === "" ? "" : qualifiedTypeOf(parent);
  const prefix = parentType === "" || parentType === STACK_TYPE ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

export function qualifiedTypeOf(urn: Urn): string {
  const { within = [], type = "" } = parseUrn(urn) ?? {};
  return [...within, type].join("$");
}

export function typeOf(urn: Urn): string {
  return parseUrn(urn)?.type ?? "";
}

export function nameOf(urn: Urn): string {
  return parseUrn(urn)?.name ?? "";
}

/** The package that serves a type: `postgresql` of `postgresql:index/role:Role`. */
export function packageOf(type: string): string {
  return type.split(":")[0] ?? "";
}

const PROVIDER_PREFIX = "pulumi:providers:";

export function isProviderType(type: string): boolean {
  return type.startsWith(PROVIDER_PREFIX);
}

/** The package that a provider resource serves: `postgresql` of `pulumi:providers:postgresql`. */
export function providedPackage(type: string): string {
  return type.slice(PROVIDER_PREFIX.length);
}
