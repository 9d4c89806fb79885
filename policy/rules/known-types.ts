import type { ResourceValidationPolicy } from "@pulumi/policy";
import { forMessage } from "../reading/message";
import { tenantIn } from "../reading/resource";
import {
  DATABASE_PROVIDER,
  DEFAULT_PRIVILEGES,
  DROP_GUARD,
  GATE,
  GRANT,
  IAM_ROLE,
  INGRESS_RULE,
  INSTANCE,
  INSTANCE_PROFILE,
  LOGIN_HANDOVER,
  MIGRATIONS,
  PARAMETER,
  ROLE,
  ROLE_POLICY,
  SCHEMA,
  SCHEMA_GUARD,
  SECURITY_GROUP,
  SQL_SCRIPT,
} from "../reading/resource-types";

/** The program's own components. They do nothing by themselves: what is in them is checked one by one. */
const COMPONENT = "b2b:index:";

/** What a tenant is made of. */
const IN_TENANT = new Set([
  ROLE,
  SCHEMA,
  GRANT,
  DEFAULT_PRIVILEGES,
  "random:index/randomPassword:RandomPassword",
  SCHEMA_GUARD,
  DROP_GUARD,
  SQL_SCRIPT,
  MIGRATIONS,
  LOGIN_HANDOVER,
  GATE,
  PARAMETER,
  IAM_ROLE,
  ROLE_POLICY,
  INSTANCE_PROFILE,
  INSTANCE,
  "aws:cloudwatch/metricAlarm:MetricAlarm",
]);

/** What there is outside of tenants. */
const OUTSIDE = new Set([
  GRANT,
  SECURITY_GROUP,
  INGRESS_RULE,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:sns/topic:Topic",
  "aws:sns/topicSubscription:TopicSubscription",
  "pulumi:pulumi:Stack",
  "pulumi:providers:aws",
  DATABASE_PROVIDER,
  "pulumi:providers:pulumi",
  "pulumi:providers:pulumi-nodejs",
  "pulumi:providers:random",
]);

/** The other policies look at these types, in these places, and at nothing else. So nothing else may be there. */
export const resourcesAreOfKnownTypes: ResourceValidationPolicy = {
  name: "resources-are-of-known-types",
  description: "Every resource is of a type that the policies know, in a tenant or outside of tenants.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, urn }, report) => {
    const tenant = tenantIn(urn);
    if (type.startsWith(COMPONENT) || (tenant === undefined ? OUTSIDE : IN_TENANT).has(type)) return;
    const [place, list] = tenant === undefined ? ["outside of tenants", "OUTSIDE"] : ["in a tenant", "IN_TENANT"];
    report(
      `Type ${forMessage(type)} is not allowed ${place}. Make sure that it opens no tenant to another, have a policy check what it ` +
        `could do wrong, and add it to ${list} in policy/rules/known-types.ts.`,
    );
  },
};
