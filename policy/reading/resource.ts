import type { PolicyResource } from "@pulumi/policy";

export const TENANT_TYPE = "b2b:index:Tenant";

/** What a URN says of where a resource belongs. */
export interface Place {
  readonly stack: string;
  /** Slug of the tenant that the resource is part of; undefined for what tenants share. */
  readonly tenant: string | undefined;
}

/**
 * Reads `urn:pulumi:STACK::PROJECT::TYPE$TYPE::NAME`. The name of a tenant's resource is the slug, or begins with the slug and a
 * hyphen, which no slug has.
 */
export function placeOf(urn: string): Place {
  const [head = "", , types = "", ...name] = urn.split("::");
  const stack = head.slice(head.lastIndexOf(":") + 1);
  const [slug = ""] = name.join("::").split("-");
  return { stack, tenant: types.split("$").includes(TENANT_TYPE) ? slug : undefined };
}

/** The Tenant that a resource is, or hangs under at any depth. */
export function tenantAbove(resource: PolicyResource): PolicyResource | undefined {
  let above: PolicyResource | undefined = resource;
  while (above && above.type !== TENANT_TYPE) above = above.parent;
  return above;
}

/**
 * Whether a resource is a new one that a run with `--target` leaves out: the engine reports it without properties, and without what
 * they are made from. No resource that the policies look at can be made without any.
 */
export function isLeftOut(props: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(props).length === 0;
}
