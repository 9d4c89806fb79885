import type { Policies } from "@pulumi/policy";
import { userDataIsTheBootScript } from "./rules/boot-script";
import { allIsInTheStacksDatabase, loginsAreEncrypted } from "./rules/database";
import { everyTenantHasAGate } from "./rules/gate";
import { grantsStayWithinTheTenant, noGrantToPublic } from "./rules/grants";
import { guardsActForTheirTenant } from "./rules/guards";
import { instanceProfileReachesOwnPathOnly } from "./rules/instance-profile";
import { resourcesAreOfKnownTypes } from "./rules/known-types";
import { parametersHaveTheirKeysForm, parametersStayInTheirPath, secretsAreSecureStrings } from "./rules/parameters";
import { roleLeavesNothingBehind, roleWithoutPower, searchPathIsItsSchema } from "./rules/role";
import { schemaIsDeletedBeforeItIsReplaced, schemaOwnedByItsTenant } from "./rules/schema";
import { serversShareOneSecurityGroup } from "./rules/security-groups";
import { instancesRequireImdsv2, rootVolumesAreEncrypted } from "./rules/server";
import { noPublicSsh } from "./rules/ssh";
import { nothingIsMadeFromAnotherTenant, resourcesNamedAfterTheirTenant } from "./rules/tenants";

/** What no change may do to the tenants' isolation, whatever it is for. */
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
  parametersHaveTheirKeysForm,
  secretsAreSecureStrings,
  parametersStayInTheirPath,
  userDataIsTheBootScript,
  instanceProfileReachesOwnPathOnly,
  instancesRequireImdsv2,
  rootVolumesAreEncrypted,
  noPublicSsh,
  serversShareOneSecurityGroup,
  nothingIsMadeFromAnotherTenant,
  everyTenantHasAGate,
  schemaIsDeletedBeforeItIsReplaced,
  resourcesNamedAfterTheirTenant,
];
