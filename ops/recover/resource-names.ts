import { isSlug } from "../../domain/names";
import type { ExportedResource } from "../stack/stack-access";

export const ROLE_TYPE = "postgresql:index/role:Role";
export const SCHEMA_TYPE = "postgresql:index/schema:Schema";
export const SECURITY_GROUP_TYPE = "aws:ec2/securityGroup:SecurityGroup";
const SUBSCRIPTION_TYPE = "aws:sns/topicSubscription:TopicSubscription";
export const GATE_TYPE = "pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate";

/** What people call the things of a tenant, by the last part of their type. */
const WORDS: Readonly<Record<string, string>> = {
  Role: "role",
  Schema: "schema",
  Grant: "grant",
  DefaultPrivileges: "default privileges",
  RandomPassword: "generated secret",
  Parameter: "parameter",
  RolePolicy: "IAM policy",
  InstanceProfile: "instance profile",
  SecurityGroup: "security group",
  SecurityGroupIngressRule: "security group rule",
  SecurityGroupEgressRule: "security group rule",
  Instance: "instance",
  MetricAlarm: "alarm",
  Topic: "topic",
  TopicSubscription: "subscription",
  OffboardingGate: "gate",
  SqlScript: "script",
  SchemaGuard: "schema guard",
};

/** The tenant that a resource is part of, by its URN; undefined for what all tenants share. A slug has no hyphen. */
export function tenantOf(urn: string): string | undefined {
  const [, , types = "", ...name] = urn.split("::");
  const slug = name.join("::").split("-")[0] ?? "";
  return /(^|\$)b2b-tenants:index:Tenant(\$|$)/.test(types) && isSlug(slug) ? slug : undefined;
}

/** As `role user_acme`, `parameter SECRET_KEY`, `instance acme-instance`. */
export function described({ urn, type, inputs = {} }: Pick<ExportedResource, "urn" | "type" | "inputs">): string {
  const kind = type.split(":").at(-1) ?? type;
  const word = type === "aws:iam/role:Role" ? "IAM role" : (WORDS[kind] ?? kind);
  const named = [ROLE_TYPE, SCHEMA_TYPE].includes(type) || type.startsWith("aws:ssm/") || type.startsWith("aws:iam/");
  const name = named && typeof inputs.name === "string" ? inputs.name : urn.split("::").slice(3).join("::");
  return `${word} ${name.startsWith("/") ? name.split("/").at(-1) : name}`;
}

/**
 * Whether an interrupted creation leaves a thing that a second one would meet, or make twice, or that would be left for ever if
 * there is none. A subscription is none of these: asked for twice it is one, and nobody can take in what has not been confirmed.
 */
export function isMadeOnce(type: string): boolean {
  if (type === SUBSCRIPTION_TYPE) return false;
  return type === ROLE_TYPE || type === SCHEMA_TYPE || type.startsWith("aws:");
}

/** Whether there is anything outside the state that reading the resource again would tell. */
export function canBeRead(type: string): boolean {
  return type.startsWith("postgresql:") || type.startsWith("aws:");
}
