import type { Policies } from "@pulumi/policy";
import { everyTenantHasAGate } from "./policies/every-tenant-has-a-gate";
import { grantsStayWithinTheTenant } from "./policies/grants-stay-within-the-tenant";
import { guardsActForTheirTenant } from "./policies/guards-act-for-their-tenant";
import { noGrantToPublic } from "./policies/no-grant-to-public";
import { resourcesNamedAfterTheirTenant } from "./policies/resources-named-after-their-tenant";
import { roleWithoutPower } from "./policies/role-without-power";
import { schemaOwnedByItsTenant } from "./policies/schema-owned-by-its-tenant";
import { searchPathIsItsSchema } from "./policies/search-path-is-its-schema";

/** Everything that a change must leave as it is, whatever it is for. */
export const policies: Policies = [
  noGrantToPublic,
  grantsStayWithinTheTenant,
  schemaOwnedByItsTenant,
  searchPathIsItsSchema,
  roleWithoutPower,
  guardsActForTheirTenant,
  everyTenantHasAGate,
  resourcesNamedAfterTheirTenant,
];
