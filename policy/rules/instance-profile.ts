import { type Check, exactly, resourcePolicy, type TenantResource, unset } from "../define-policy";
import { type Statement, violationsOfAllowed } from "../reading/iam-document";
import { forMessage } from "../reading/message";
import { IAM_ROLE, INSTANCE, INSTANCE_PROFILE, ROLE_POLICY } from "../reading/resource-types";
import { envPathOf, identityOf } from "../reading/tenant-names";
import { isAbsent, listed } from "../reading/values";

const EC2 = ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"];

/** How a server reads its parameters. In lower case: AWS does not distinguish here. */
const READING = ["ssm:getparameter", "ssm:getparameters", "ssm:getparametersbypath"];

/** What Session Manager needs. These take no resource: they concern the server that calls. */
const SESSION_MANAGER = [
  "ssm:updateinstanceinformation",
  "ssmmessages:createcontrolchannel",
  "ssmmessages:createdatachannel",
  "ssmmessages:opencontrolchannel",
  "ssmmessages:opendatachannel",
];

const reachesOwnPathOnly: Check = ({ environment, tenant, props }) =>
  violationsOfAllowed(props.policy, ["Action", "Resource"], (statement) => [
    ...excessActions(statement),
    ...excessResources(statement, envPathOf(environment, tenant)),
  ]);

function excessActions({ Action }: Statement): string[] {
  const actions = listed(Action);
  if (actions.length === 0) return ["A statement allows something and names no Action."];
  return actions
    .filter((action) => ![...READING, ...SESSION_MANAGER].includes(asName(action)))
    .map(
      (action) =>
        `It allows ${forMessage(action)}. A server may ssm:GetParameter, GetParameters and GetParametersByPath, and what Session ` +
        "Manager needs, each named in full.",
    );
}

/** A wildcard that includes reading is an excess action already. */
function excessResources({ Action, Resource }: Statement, path: string): string[] {
  if (!listed(Action).some((action) => READING.includes(asName(action)))) return [];
  const resources = listed(Resource);
  if (resources.length === 0) return ["It reads parameters and names no Resource."];
  return resources
    .filter((resource) => !isWithin(path, resource))
    .map((resource) => `It reads ${forMessage(resource)}. Its tenant's own parameters are ${path} and ${path}/*.`);
}

/** `path*` would include the parameters of a tenant whose name begins with this one's. */
function isWithin(path: string, resource: unknown): boolean {
  const [, name] = /^arn:aws[a-z-]*:ssm:[a-z0-9-]+:[0-9]{12}:parameter(\/.*)$/.exec(asText(resource)) ?? [];
  return name?.startsWith(path) === true && /^(\/(\*|[A-Z0-9_]+))?$/.test(name.slice(path.length));
}

function asName(action: unknown): string {
  return asText(action).toLowerCase();
}

/** A list within a list is no text, though `String` makes the same of both. */
function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

const isForServersAlone: Check = ({ props: { assumeRolePolicy } }) =>
  violationsOfAllowed(assumeRolePolicy, ["Principal", "Action"], ({ Principal, Action }) => [
    ...(isEc2(Principal) ? [] : [`${forMessage(Principal)} may take the role. Let ec2.amazonaws.com alone take it.`]),
    ...listed(Action)
      .filter((action) => action !== "sts:AssumeRole")
      .map((action) => `The role may be taken by ${forMessage(action)}. Allow sts:AssumeRole alone.`),
  ]);

function isEc2(principal: unknown): boolean {
  if (typeof principal !== "object" || principal === null) return false;
  const services = listed((principal as { Service?: unknown }).Service);
  const isOnlyService = Object.keys(principal).join() === "Service" && services.length > 0;
  return isOnlyService && services.every((service) => EC2.includes(service as string));
}

const identity = ({ environment, tenant }: TenantResource) => identityOf(environment, tenant);
const profileIsOwn = exactly("iamInstanceProfile", identity);
const ADVICE = "what a tenant's role may do is in its RolePolicy alone.";

export const instanceProfileReachesOwnPathOnly = resourcePolicy(
  "instance-profile-reaches-own-path-only",
  "A tenant's server has its tenant's role, which reads its tenant's parameters and no others.",
  {
    [ROLE_POLICY]: [exactly("role", identity), reachesOwnPathOnly],
    [IAM_ROLE]: [
      exactly("name", identity),
      isForServersAlone,
      unset("inlinePolicies", ADVICE),
      unset("managedPolicyArns", ADVICE),
    ],
    [INSTANCE_PROFILE]: [exactly("name", identity), exactly("role", identity)],
    [INSTANCE]: (server) => (isAbsent(server.props.iamInstanceProfile) ? [] : profileIsOwn(server)),
  },
);
