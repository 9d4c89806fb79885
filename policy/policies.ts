import type { Policies } from "@pulumi/policy";
import { allIsInTheStacksDatabase } from "./rules/all-is-in-the-stacks-database";
import { everyTenantHasAGate } from "./rules/every-tenant-has-a-gate";
import { grantsStayWithinTheTenant } from "./rules/grants-stay-within-the-tenant";
import { guardsActForTheirTenant } from "./rules/guards-act-for-their-tenant";
import { instanceProfileReachesOwnPathOnly } from "./rules/instance-profile-reaches-own-path-only";
import { instancesRequireImdsv2 } from "./rules/instances-require-imdsv2";
import { loginsAreEncrypted } from "./rules/logins-are-encrypted";
import { noGrantToPublic } from "./rules/no-grant-to-public";
import { noPublicSsh } from "./rules/no-public-ssh";
import { noSecretInUserData } from "./rules/no-secret-in-user-data";
import { nothingIsMadeFromAnotherTenant } from "./rules/nothing-is-made-from-another-tenant";
import { parametersStayInTheirPath } from "./rules/parameters-stay-in-their-path";
import { resourcesAreOfKnownTypes } from "./rules/resources-are-of-known-types";
import { resourcesNamedAfterTheirTenant } from "./rules/resources-named-after-their-tenant";
import { roleLeavesNothingBehind } from "./rules/role-leaves-nothing-behind";
import { roleWithoutPower } from "./rules/role-without-power";
import { rootVolumesAreEncrypted } from "./rules/root-volumes-are-encrypted";
import { schemaIsDeletedBeforeItIsReplaced } from "./rules/schema-is-deleted-before-it-is-replaced";
import { schemaOwnedByItsTenant } from "./rules/schema-owned-by-its-tenant";
import { searchPathIsItsSchema } from "./rules/search-path-is-its-schema";
import { secretsAreSecureStrings } from "./rules/secrets-are-secure-strings";
import { securityGroupsStayWithinTheTenant } from "./rules/security-groups-stay-within-the-tenant";
import { tenantEnvNamesNoAdmin } from "./rules/tenant-env-names-no-admin";

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
