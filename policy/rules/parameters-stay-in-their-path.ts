import { PARAMETER } from "../reading/parameter";
import { shown } from "../reading/shown";
import { type Check, resourcePolicy } from "../resource-policy";

/** A server reads everything under its tenant's path into its `.env`, and nothing else. */
const isInOwnPath: Check = ({ stack, tenant, props: { name } }) => {
  if (tenant === undefined) {
    return /^\/?b2b-tenants(\/|$)/i.test(String(name))
      ? [`${shown(name)} is outside of any tenant, and a tenant's server would read it. Name it something else.`]
      : [];
  }
  const path = `/b2b-tenants/${stack}/${tenant}/env/`;
  const isOwn = typeof name === "string" && name.startsWith(path) && /^[A-Z_][A-Z0-9_]*$/.test(name.slice(path.length));
  return isOwn ? [] : [`Its name is ${shown(name)}. A parameter of tenant ${shown(tenant)} is ${path}KEY.`];
};

export const parametersStayInTheirPath = resourcePolicy(
  "parameters-stay-in-their-path",
  "A tenant's parameters are under its own path, and nothing else is.",
  { [PARAMETER]: isInOwnPath },
);
