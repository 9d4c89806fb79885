import type { PolicyResource } from "@pulumi/policy";

export const TENANT_TYPE = "b2b:index:Tenant";

/**
 * Slug of the tenant that a resource is part of, by its URN, `urn:pulumi:STACK::PROJECT::TYPE$TYPE::NAME`; undefined for what tenants
 * share. The name of a tenant's resource is the slug, or begins with the slug and a hyphen, which no slug has.
 */
export function tenantIn(urn: string): string | undefined {
  const [, , types = "", ...name] = urn.split("::");
  const [slug = ""] = name.join("::").split("-");
  return types.split("$").includes(TENANT_TYPE) ? slug : undefined;
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
