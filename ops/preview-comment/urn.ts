import { isSlug } from "../../domain/names";

/** The parts of a resource's name that a comment is made from. */
export interface ResourceName {
  readonly stack: string;
  /** Type tokens of the components it is in, the outermost first. */
  readonly within: readonly string[];
  readonly type: string;
  /** As the program calls it: `acme-instance`. */
  readonly name: string;
}

export const TENANT_TYPE = "b2b-tenants:index:Tenant";
export const STACK_TYPE = "pulumi:pulumi:Stack";

/** Reads `urn:pulumi:STACK::PROJECT::OUTER$TYPE::NAME`. Undefined for a text that is none; a name may hold anything. */
export function parseUrn(urn: string): ResourceName | undefined {
  const [, stack, types, name] = /^urn:pulumi:(.+?)::.*?::(.+?)::(.*)$/s.exec(urn) ?? [];
  if (stack === undefined || types === undefined || name === undefined) return undefined;
  const chain = types.split("$");
  return { stack, within: chain.slice(0, -1), type: chain.at(-1) ?? "", name };
}

/** The tenant that a resource is of. A slug has no hyphen, so what stands before the first one is the slug. */
export function slugOf({ within, type, name }: ResourceName): string | undefined {
  if (type !== TENANT_TYPE && !within.includes(TENANT_TYPE)) return undefined;
  const [slug = ""] = name.split("-");
  return isSlug(slug) ? slug : undefined;
}
