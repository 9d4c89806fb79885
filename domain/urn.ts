import { isSlug } from "./names";
import { TENANT_TYPE } from "./resource-types";

/** The parts of `urn:pulumi:STACK::PROJECT::OUTER$TYPE::NAME`, a resource's identity. */
export interface ResourceUrn {
  readonly stack: string;
  readonly project: string;
  /** Type tokens of the components it is in, the outermost first. */
  readonly within: readonly string[];
  readonly type: string;
  /** As the program calls it, for example `acme-instance`; may hold anything, also `::`. */
  readonly name: string;
}

/** The parts of a URN; undefined for a text that is none. */
export function parseUrn(urn: string): ResourceUrn | undefined {
  const [, stack, project = "", types, name] = /^urn:pulumi:(.+?)::(.*?)::(.+?)::(.*)$/s.exec(urn) ?? [];
  if (stack === undefined || types === undefined || name === undefined) return undefined;
  const chain = types.split("$");
  return { stack, project, within: chain.slice(0, -1), type: chain.at(-1) ?? "", name };
}

/** The tenant that a resource belongs to; undefined for what tenants share. A slug has no hyphen, and begins the resource's name. */
export function slugOf(resource: Pick<ResourceUrn, "within" | "type" | "name"> | undefined): string | undefined {
  if (resource === undefined) return undefined;
  const { within, type, name } = resource;
  if (type !== TENANT_TYPE && !within.includes(TENANT_TYPE)) return undefined;
  const [slug = ""] = name.split("-");
  return isSlug(slug) ? slug : undefined;
}
