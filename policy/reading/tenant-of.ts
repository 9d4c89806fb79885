/** What a URN says of where a resource belongs. */
export interface Place {
  readonly stack: string;
  /** Slug of the tenant that the resource is part of; undefined for what tenants share. */
  readonly tenant: string | undefined;
}

export const TENANT_TYPE = "b2b-tenants:index:Tenant";

/**
 * Reads `urn:pulumi:STACK::PROJECT::TYPE$TYPE::NAME`. Of a tenant's resources the name is its slug, or begins with it and a hyphen,
 * which no slug has.
 */
export function placeOf(urn: string): Place {
  const [head = "", , types = "", ...name] = urn.split("::");
  const stack = head.slice(head.lastIndexOf(":") + 1);
  const isTenants = types.split("$").includes(TENANT_TYPE);
  const [slug = ""] = name.join("::").split("-");
  return { stack, tenant: isTenants ? slug : undefined };
}
