import { isAbsent } from "../reading/absent";
import { ROLE } from "../reading/postgresql-types";
import { type Check, resourcePolicy } from "../resource-policy";

/** By default the provider hands it over: a function of the tenant's, `security definer`, would run as the admin from then on. */
const isNoBequest: Check = ({ tenant, props: { skipReassignOwned } }) =>
  tenant === undefined || skipReassignOwned === true
    ? []
    : ["What it owns would be the admin's once it is dropped. Set skipReassignOwned to true."];

const isDropped: Check = ({ tenant, props: { skipDropRole } }) =>
  tenant === undefined || isAbsent(skipDropRole) || skipDropRole === false
    ? []
    : ["Its login would outlive the tenant. Leave skipDropRole out."];

export const roleLeavesNothingBehind = resourcePolicy(
  "role-leaves-nothing-behind",
  "A tenant's role goes with the tenant, and nothing of its becomes the admin's.",
  { [ROLE]: [isNoBequest, isDropped] },
);
