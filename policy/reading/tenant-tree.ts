import type { PolicyResource } from "@pulumi/policy";
import { TENANT_TYPE } from "./tenant-of";

/** The Tenant that a resource is, or hangs under at any depth. */
export function tenantAbove(resource: PolicyResource): PolicyResource | undefined {
  let above: PolicyResource | undefined = resource;
  while (above && above.type !== TENANT_TYPE) above = above.parent;
  return above;
}
