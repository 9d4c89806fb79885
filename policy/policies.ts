import type { Policies } from "@pulumi/policy";
import { allIsInTheStacksDatabase } from "./policies/all-is-in-the-stacks-database";
import { everyTenantHasAGate } from "./policies/every-tenant-has-a-gate";
import { grantsStayWithinTheTenant } from "./policies/grants-stay-within-the-tenant";
import { guardsActForTheirTenant } from "./policies/guards-act-for-their-tenant";
import { instanceProfileReachesOwnPathOnly } from "./policies/instance-profile-reaches-own-path-only";
import { instancesRequireImdsv2 } from "./policies/instances-require-imdsv2";
import { loginsAreEncrypted } from "./policies/logins-are-encrypted";
import { noGrantToPublic } from "./policies/no-grant-to-public";
import { noPublicSsh } from "./policies/no-public-ssh";
import { noSecretInUserData } from "./policies/no-secret-in-user-data";
import { nothingIsMadeFromAnotherTenant } from "./policies/nothing-is-made-from-another-tenant";
import { parametersStayInTheirPath } from "./policies/parameters-stay-in-their-path";
import { resourcesAreOfKnownTypes } from "./policies/resources-are-of-known-types";
import { resourcesNamedAfterTheirTenant } from "./policies/resources-named-after-their-tenant";
import { roleLeavesNothingBehind } from "./policies/role-leaves-nothing-behind";
import { roleWithoutPower } from "./policies/role-without-power";
import { rootVolumesAreEncrypted } from "./policies/root-volumes-are-encrypted";
import { schemaIsDeletedBeforeItIsReplaced } from "./policies/schema-is-deleted-before-it-is-replaced";
import { schemaOwnedByItsTenant } from "./policies/schema-owned-by-its-tenant";
import { searchPathIsItsSchema } from "./policies/search-path-is-its-schema";
import { secretsAreSecureStrings } from "./policies/secrets-are-secure-strings";
import { securityGroupsStayWithinTheTenant } from "./policies/security-groups-stay-within-the-tenant";
import { tenantEnvNamesNoAdmin } from "./policies/tenant-env-names-no-admin";

/** Everything that a change must leave as it is, whatever it is for. */
export const policies: Policies = [
  resourcesAreOfKnownTypes,
  noGrantToPublic,
  grantsStayWithinTheTenant,
  schemaOwnedByItsTenant,
  searchPathIsItsSchema,
  roleWithoutPower,
  roleLeavesNothingBehind,
  guardsActForTheirTenant,
  allIsInTheStacksDatabase,
  loginsAreEncrypted,
  tenantEnvNamesNoAdmin,
  secretsAreSecureStrings,
  parametersStayInTheirPath,
  noSecretInUserData,
  instanceProfileReachesOwnPathOnly,
  instancesRequireImdsv2,
  rootVolumesAreEncrypted,
  noPublicSsh,
  securityGroupsStayWithinTheTenant,
  nothingIsMadeFromAnotherTenant,
  everyTenantHasAGate,
  schemaIsDeletedBeforeItIsReplaced,
  resourcesNamedAfterTheirTenant,
];
