import { type Check, exactly, oneOf, resourcePolicy, unset } from "../define-policy";
import { ROLE } from "../reading/resource-types";
import { roleOf, schemaOf, secondLoginOf } from "../reading/tenant-names";

const POWERS = ["superuser", "createRole", "createDatabase", "bypassRowLevelSecurity", "replication"];

/** The second login of a tenant has its role's rights, and acts as it. So nothing is wrong with these where they name that role. */
function unlessSecondLogin(property: string, own: (role: string) => unknown, advice: string): Check {
  const otherwise = unset(property, advice);
  return (resource) => {
    const { props, tenant } = resource;
    const isOwn = JSON.stringify(props[property]) === JSON.stringify(own(roleOf(tenant)));
    return isOwn && props.name === secondLoginOf(tenant) ? [] : otherwise(resource);
  };
}

export const roleWithoutPower = resourcePolicy(
  "role-without-power",
  "A role is never superuser, createrole, createdb, bypassrls or replication, and has no other role's rights.",
  {
    [ROLE]: [
      // A check for each power, so that one which is not known yet hides no other.
      ...POWERS.map((power) => unset(power, "only the admin has that power.")),
      unlessSecondLogin("roles", (role) => [role], "the role would have their rights. Grant it what it needs."),
      unlessSecondLogin("assumeRole", (role) => role, "the login would act as another role."),
      oneOf("name", ({ tenant }) => [roleOf(tenant), secondLoginOf(tenant)]),
    ],
  },
);

/** By default the provider hands it over: a `security definer` function of the tenant's would run as the admin from then on. */
const leavesNothingToTheAdmin: Check = ({ props: { skipReassignOwned } }) =>
  skipReassignOwned === true
    ? []
    : ["What it owns would go to the admin once it is dropped. Set skipReassignOwned to true."];

export const roleLeavesNothingBehind = resourcePolicy(
  "role-leaves-nothing-behind",
  "A tenant's role is dropped with the tenant, and nothing it owned goes to the admin.",
  { [ROLE]: [leavesNothingToTheAdmin, unset("skipDropRole", "the login would outlive the tenant.")] },
);

/** A backend names its tables without a schema: a table elsewhere on the path could stand in for one of them. */
export const searchPathIsItsSchema = resourcePolicy(
  "search-path-is-its-schema",
  "A tenant's role looks for tables in its own schema, and nowhere else.",
  { [ROLE]: exactly("searchPaths", ({ tenant }) => [schemaOf(tenant)]) },
);
