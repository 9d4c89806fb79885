import { isAbsent } from "../reading/absent";
import { ofWhatItAllows, valuesOf } from "../reading/iam-document";
import { identityOf, isTenantIdentity } from "../reading/instance-identity";
import { excessOf } from "../reading/server-permissions";
import { forEach, LAUNCH_TEMPLATE, SERVERS } from "../reading/server-types";
import { shown } from "../reading/shown";
import { type Check, type Checked, resourcePolicy } from "../resource-policy";

const EC2 = ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"];

const reachesOwnPathOnly: Check = ({ stack, tenant, props: { policy } }) =>
  tenant === undefined ? [] : excessOf(policy, `/b2b-tenants/${stack}/${tenant}/env`);

/** What a property names is the tenant's own role or profile; outside of tenants, none of theirs. */
function isOwn(property: string, named: (props: Checked["props"]) => unknown): Check {
  return ({ stack, tenant, props }) => {
    const name = named(props);
    if (tenant === undefined) {
      return isTenantIdentity(name)
        ? [`It is outside of any tenant, and its ${property} is ${shown(name)}, a tenant's. Name another.`]
        : [];
    }
    const own = identityOf(stack, tenant);
    return name === own ? [] : [`Its ${property} is ${shown(name)}. That of tenant ${shown(tenant)} is "${own}".`];
  };
}

/** Where nothing need be named. */
function isOwnIfAny(property: string, named: (props: Checked["props"]) => unknown): Check {
  const check = isOwn(property, named);
  return (resource) => (isAbsent(named(resource.props)) ? [] : check(resource));
}

const roleIsOwn = isOwn("role", ({ role }) => role);
const nameIsOwn: Check = (resource) =>
  resource.tenant === undefined ? [] : isOwn("name", ({ name }) => name)(resource);

/** AWS's own policies allow reading every parameter of the account, and nobody sees here what is in the others. */
const isAttachedToNone: Check = ({ tenant, props }) => {
  const roles = [props.role, props.roleName, ...valuesOf(props.roles)];
  return tenant !== undefined || roles.some(isTenantIdentity)
    ? [
        "It attaches a managed policy to a tenant's role. Leave it out: what the role may do is in its own policy alone.",
      ]
    : [];
};

const holdsNothingElse = ["inlinePolicies", "managedPolicyArns"].map(
  (property): Check =>
    ({ tenant, props }) =>
      tenant === undefined ||
      isAbsent(props[property]) ||
      (Array.isArray(props[property]) && props[property].length === 0)
        ? []
        : [`It has ${property}. Leave them out: what a tenant's role may do is in its RolePolicy alone.`],
);

const isForServersAlone: Check = ({ tenant, props: { assumeRolePolicy } }) =>
  tenant === undefined
    ? []
    : ofWhatItAllows(assumeRolePolicy, ["Principal", "Action"], ({ Principal, Action }) => [
        ...(isEc2(Principal) ? [] : [`${shown(Principal)} may take the role. Let ec2.amazonaws.com alone take it.`]),
        ...valuesOf(Action)
          .filter((action) => action !== "sts:AssumeRole")
          .map((action) => `The role may be taken by ${shown(action)}. Allow sts:AssumeRole alone.`),
      ]);

function isEc2(principal: unknown): boolean {
  if (typeof principal !== "object" || principal === null) return false;
  const services = valuesOf((principal as { Service?: unknown }).Service);
  const isOnlyService = Object.keys(principal).join() === "Service" && services.length > 0;
  return isOnlyService && services.every((service) => EC2.includes(service as string));
}

export const instanceProfileReachesOwnPathOnly = resourcePolicy(
  "instance-profile-reaches-own-path-only",
  "A tenant's server has its tenant's role, which reads its tenant's parameters and no others.",
  {
    "aws:iam/rolePolicy:RolePolicy": [roleIsOwn, reachesOwnPathOnly],
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": isAttachedToNone,
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": isAttachedToNone,
    "aws:iam/policyAttachment:PolicyAttachment": isAttachedToNone,
    "aws:iam/role:Role": [nameIsOwn, isForServersAlone, ...holdsNothingElse],
    "aws:iam/instanceProfile:InstanceProfile": [nameIsOwn, roleIsOwn],
    ...forEach(SERVERS, [isOwnIfAny("iamInstanceProfile", ({ iamInstanceProfile }) => iamInstanceProfile)]),
    [LAUNCH_TEMPLATE]: [
      isOwnIfAny("iamInstanceProfile.name", ({ iamInstanceProfile }) => iamInstanceProfile?.name),
      isOwnIfAny("iamInstanceProfile.arn", ({ iamInstanceProfile }) => iamInstanceProfile?.arn),
    ],
  },
);
