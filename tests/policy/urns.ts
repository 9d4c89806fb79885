const STACK = "urn:pulumi:prod::b2b-tenants";
const TENANT = "b2b:index:Tenant";

/** URN of a resource in a tenant's database. */
export function inTenant(type: string, name: string): string {
  return `${STACK}::${TENANT}$b2b:index:Database$${type}::${name}`;
}

/** URN of a direct child of a Tenant. */
export function childOfTenant(type: string, name: string): string {
  return `${STACK}::${TENANT}$${type}::${name}`;
}

/** URN of a resource that is in no tenant. */
export function outside(type: string, name: string): string {
  return `${STACK}::b2b:index:SharedDatabase$${type}::${name}`;
}

export function tenantUrn(slug: string): string {
  return `${STACK}::${TENANT}::${slug}`;
}
