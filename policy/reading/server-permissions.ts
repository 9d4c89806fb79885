import { ofWhatItAllows, type Statement, valuesOf } from "./iam-document";
import { shown } from "./shown";

/** How a server reads its parameters. All in small letters: AWS minds no case here. */
const READING = ["ssm:getparameter", "ssm:getparameters", "ssm:getparametersbypath"];

/** What Session Manager needs. These know no resource: they concern the server that calls. */
const SESSION_MANAGER = [
  "ssm:updateinstanceinformation",
  "ssmmessages:createcontrolchannel",
  "ssmmessages:createdatachannel",
  "ssmmessages:opencontrolchannel",
  "ssmmessages:opendatachannel",
];

/** What is too much in the policy document of a tenant's server. `path` is that tenant's, as `/b2b-tenants/prod/acme/env`. */
export function excessOf(document: unknown, path: string): string[] {
  return ofWhatItAllows(document, ["Action", "Resource"], (statement) => [
    ...excessActions(statement),
    ...excessResources(statement, path),
  ]);
}

function excessActions({ Action }: Statement): string[] {
  const actions = valuesOf(Action);
  if (actions.length === 0) return ["A statement allows something and names no Action."];
  return actions
    .filter((action) => ![...READING, ...SESSION_MANAGER].includes(asName(action)))
    .map(
      (action) =>
        `It allows ${shown(action)}. A server may ssm:GetParameter, GetParameters and GetParametersByPath, and what Session Manager ` +
        "needs, each named in full.",
    );
}

/** A wildcard that stands for reading among others is an excess action already. */
function excessResources({ Action, Resource }: Statement, path: string): string[] {
  if (!valuesOf(Action).some((action) => READING.includes(asName(action)))) return [];
  const resources = valuesOf(Resource);
  if (resources.length === 0) return ["It reads parameters and names no Resource."];
  return resources
    .filter((resource) => !isWithin(path, resource))
    .map((resource) => `It reads ${shown(resource)}. Its tenant's own parameters are ${path} and ${path}/*.`);
}

/** `path*` would also be another tenant's, whose name begins with this one's. */
function isWithin(path: string, resource: unknown): boolean {
  const [, name] = /^arn:aws[a-z-]*:ssm:[a-z0-9-]+:[0-9]{12}:parameter(\/.*)$/.exec(asText(resource)) ?? [];
  return name?.startsWith(path) === true && /^(\/(\*|[A-Z0-9_]+))?$/.test(name.slice(path.length));
}

function asName(action: unknown): string {
  return asText(action).toLowerCase();
}

/** A list within a list is no text, though it reads like one. */
function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
