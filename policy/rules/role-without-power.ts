import { isAbsent } from "../reading/absent";
import { GRANT_ROLE, ROLE } from "../reading/postgresql-types";
import { shown } from "../reading/shown";
import { isTenantRole, roleOf } from "../reading/tenant-names";
import { type Check, resourcePolicy } from "../resource-policy";

const POWERS = ["superuser", "createRole", "createDatabase", "bypassRowLevelSecurity", "replication"];

/** One check a power, so that one which is not known yet hides no other. */
const hasNoPower = POWERS.map(
  (power): Check =>
    ({ props }) =>
      isAbsent(props[power]) || props[power] === false
        ? []
        : [`Its ${power} is ${shown(props[power])}. No role has that power but the admin: leave it out.`],
);

const isMemberOfNone: Check = ({ props: { roles } }) =>
  isAbsent(roles) || (Array.isArray(roles) && roles.length === 0)
    ? []
    : [`It is a member of ${shown(roles)}, and has their rights. Leave \`roles\` out, and grant what it needs.`];

const becomesNoOther: Check = ({ props: { assumeRole } }) =>
  isAbsent(assumeRole) || assumeRole === ""
    ? []
    : [`It becomes ${shown(assumeRole)} when it logs in. Leave assumeRole out.`];

const nameIsItsTenants: Check = ({ tenant, props: { name } }) => {
  if (tenant === undefined) {
    return isTenantRole(name)
      ? [`The role ${shown(name)} is outside of any tenant. A tenant's role is declared by its Tenant alone.`]
      : [];
  }
  const own = roleOf(tenant);
  return name === own ? [] : [`The role's name is ${shown(name)}. The role of tenant ${shown(tenant)} is ${own}.`];
};

const isOutsideOfTenants: Check = ({ tenant }) =>
  tenant === undefined
    ? []
    : ["It makes a role a member of another within a tenant. A tenant has one role: leave it out."];

const tenantsRoleIsNoMember: Check = ({ props: { role } }) =>
  isTenantRole(role)
    ? [`It makes ${shown(role)}, a tenant's role, a member of another. Grant the tenant what it needs by itself.`]
    : [];

const tenantsRoleHasNoMember: Check = ({ props: { grantRole } }) =>
  isTenantRole(grantRole) ? [`It lets another role act as ${shown(grantRole)}, a tenant's role. Leave it out.`] : [];

export const roleWithoutPower = resourcePolicy(
  "role-without-power",
  "A role is never superuser, createrole, createdb, bypassrls or replication, and has no other role's rights.",
  {
    [ROLE]: [...hasNoPower, isMemberOfNone, becomesNoOther, nameIsItsTenants],
    [GRANT_ROLE]: [isOutsideOfTenants, tenantsRoleIsNoMember, tenantsRoleHasNoMember],
  },
);
