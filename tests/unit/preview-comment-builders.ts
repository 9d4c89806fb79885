/** Small pieces of what `pulumi preview --json` prints, for the tests of the comment that is made from it. */

type Values = Record<string, unknown>;

export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly [key: string]: unknown;
}

const TENANT = "b2b:index:Tenant";
const DATABASE = `${TENANT}$b2b:index:Database`;
const SERVER = `${TENANT}$b2b:index:Server`;
const SHARED = "b2b:index:SharedDatabase";
const ALARMS = "b2b:index:Alarms";
const DYNAMIC = "pulumi-nodejs:dynamic/b2b-tenants";

/** The chain of types in a URN, by what follows the slug in the resource's name. */
const TYPES: Record<string, string> = {
  "": TENANT,
  "-database": DATABASE,
  "-server": SERVER,
  "-schema-guard": `${DATABASE}$${DYNAMIC}:SchemaGuard`,
  "-password": `${DATABASE}$random:index/randomPassword:RandomPassword`,
  "-role": `${DATABASE}$postgresql:index/role:Role`,
  "-connect": `${DATABASE}$postgresql:index/grant:Grant`,
  "-schema": `${DATABASE}$postgresql:index/schema:Schema`,
  "-drop-guard": `${DATABASE}$${DYNAMIC}:DropGuard`,
  "-init": `${DATABASE}$${DYNAMIC}:SqlScript`,
  "-migrations": `${DATABASE}$${DYNAMIC}:Migrations`,
  "-handover": `${TENANT}$${DYNAMIC}:LoginHandover`,
  "-secret-key": `${SERVER}$random:index/randomPassword:RandomPassword`,
  "-env": `${SERVER}$aws:ssm/parameter:Parameter`,
  "-pooler": `${SERVER}$aws:ssm/parameter:Parameter`,
  "-instance": `${SERVER}$aws:ec2/instance:Instance`,
  "-ingress": `${SERVER}$aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule`,
  "-instance-policy": `${SERVER}$aws:iam/rolePolicy:RolePolicy`,
  "-gate": `${TENANT}$${DYNAMIC}:OffboardingGate`,
};

const PLATFORM: Record<string, string> = {
  "database-admin": "pulumi:providers:postgresql",
  "shared-database": SHARED,
  "shared-database-public-schema": `${SHARED}$postgresql:index/grant:Grant`,
  "shared-database-public-connect": `${SHARED}$postgresql:index/grant:Grant`,
  alarms: ALARMS,
  "alarms-topic": `${ALARMS}$aws:sns/topic:Topic`,
  "alarms-to": `${ALARMS}$aws:sns/topicSubscription:TopicSubscription`,
  "alarms-cpu": `${ALARMS}$aws:cloudwatch/metricAlarm:MetricAlarm`,
};

export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const SECRET = "[secret]";

/** One step; `before` and `after` are the recorded and the new inputs. */
export interface Told {
  readonly before?: Values;
  readonly after?: Values;
  readonly outputs?: Values;
  readonly reasons?: readonly string[];
  readonly replaces?: readonly string[];
  readonly detailed?: Record<string, string>;
  readonly secretOutputs?: readonly string[];
  readonly leftOver?: boolean;
  readonly stack?: string;
}

export function step(op: string, types: string, name: string, told: Told = {}): Step {
  const { before, after, outputs, reasons, replaces, detailed, secretOutputs, leftOver, stack = "prod" } = told;
  const secrets = secretOutputs ? { additionalSecretOutputs: secretOutputs } : {};
  return {
    op,
    urn: `urn:pulumi:${stack}::b2b-tenants::${types}::${name}`,
    ...(before || outputs ? { oldState: { inputs: before ?? {}, outputs, delete: leftOver, ...secrets } } : {}),
    ...(after ? { newState: { inputs: after, ...secrets } } : {}),
    ...(reasons ? { diffReasons: reasons } : {}),
    ...(replaces ? { replaceReasons: replaces } : {}),
    detailedDiff: detailed
      ? Object.fromEntries(Object.entries(detailed).map(([path, kind]) => [path, { kind, inputDiff: false }]))
      : null,
  };
}

/** A step of a tenant's resource: `of("acme", "update", "-role", {...})`; what follows a type's ending is part of the name alone. */
export function of(slug: string, op: string, purpose: string, told: Told = {}): Step {
  const ending = Object.keys(TYPES)
    .filter((key) => purpose.startsWith(key))
    .sort((a, b) => b.length - a.length)[0];
  return step(op, TYPES[ending ?? ""] ?? "", `${slug}${purpose}`, told);
}

export function platform(op: string, name: string, told: Told = {}): Step {
  const [key = ""] = Object.keys(PLATFORM)
    .filter((start) => name.startsWith(start))
    .sort((a, b) => b.length - a.length);
  return step(op, PLATFORM[key] ?? "", name, told);
}

/** The root of a stack, with the tenants that are in its recorded outputs. */
export function root(slugs: readonly string[], stack = "prod"): Step {
  const outputs = { tenants: Object.fromEntries(slugs.map((slug) => [slug, { stack }])) };
  return step("same", "pulumi:pulumi:Stack", `b2b-tenants-${stack}`, { outputs, after: {}, stack });
}

export function onboarded(slug: string, change: { backup?: boolean; origins?: string; stack?: string } = {}): Step[] {
  const { backup = true, origins = "https://d2abc.cloudfront.net,http://localhost:3000", stack = "prod" } = change;
  const made = (purpose: string, after: Values = {}) => of(slug, "create", purpose, { after, stack });
  return [
    made(""),
    made("-database"),
    made("-server"),
    made("-password", { length: 32, special: false }),
    made("-role", { name: `user_${slug}`, connectionLimit: 10, password: SECRET }),
    made("-schema", { name: `schema_${slug}`, owner: `user_${slug}` }),
    made("-env-FRONTEND_URL", { insecureValue: "https://d2abc.cloudfront.net", type: "String" }),
    made("-env-ALLOWED_ORIGINS", { insecureValue: origins, type: "String" }),
    made("-env-DATABASE_URL", { value: UNKNOWN, type: "SecureString" }),
    made("-instance", { instanceType: "t3.micro", subnetId: "subnet-1", ami: "ami-1" }),
    made("-gate", { backup, destination: "s3://backups/tenants", password: SECRET }),
  ];
}

export function offboarded(slug: string, gate: Values | "none" = {}, stack = "prod"): Step[] {
  const gone = (purpose: string, before: Values = {}) => of(slug, "delete", purpose, { before, stack });
  const recorded = { backup: true, destination: "s3://backups/tenants", ...(gate === "none" ? {} : gate) };
  return [
    ...(gate === "none" ? [] : [gone("-gate", recorded)]),
    gone("-instance", { instanceType: "t3.micro" }),
    gone("-drop-guard"),
    gone("-schema", { name: `schema_${slug}` }),
    gone("-role", { name: `user_${slug}`, password: SECRET }),
    gone("-server"),
    gone("-database"),
    gone(""),
  ];
}

export interface Diagnostic {
  readonly urn?: string;
  readonly message: string;
  readonly severity: string;
}

/** The text of a whole preview. */
export function preview(steps: readonly Step[], diagnostics: readonly Diagnostic[] = [], same = 95): string {
  return JSON.stringify({
    config: { "b2b-tenants:adminPassword": SECRET },
    steps,
    diagnostics,
    changeSummary: { same },
  });
}

export function error(message: string, urn?: string): Diagnostic {
  return { ...(urn === undefined ? {} : { urn }), message, severity: "error" };
}

/** How a rehearsal's preview tells of a violation. */
export function violated(policy: string, urn: string, text: string, severity = "error"): Diagnostic {
  return { urn, message: `policy b2b-tenants/${policy} is violated: ${text}`, severity };
}

/** The same as a line of the CLI's event log. */
export function policyEvent(policy: string, urn: string, text: string, level = "mandatory"): string {
  const pack = { policyPackName: "b2b-tenants", policyPackVersion: "0.1.0", policyPackVersionTag: "0.1.0" };
  return JSON.stringify({
    sequence: 172,
    timestamp: 1795537922,
    policyEvent: {
      resourceUrn: urn,
      message: `${text}\n`,
      color: "never",
      policyName: policy,
      ...pack,
      enforcementLevel: level,
    },
  });
}

/** The URN of a tenant's resource, as a violation names it. */
export function urnOf(slug: string, purpose: string): string {
  return of(slug, "create", purpose).urn;
}
