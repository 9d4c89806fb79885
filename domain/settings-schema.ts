import { z } from "zod";
import { alarms } from "./alarm-fields";
import { isCidr } from "./cidr";
import { checkedText, duration, flag, instanceType, integer, mapping, subnetId, text } from "./fields";

// Much of this ends in a server's boot script or in SQL: every pattern lists what is allowed.

const HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$|^[0-9A-Fa-f:.]{2,45}$/;
const DATABASE_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;
const AWS_ID_TAIL = "-([0-9a-f]{8}|[0-9a-f]{17})$";
const SSH_PORT = 22;

const database = mapping({
  host: text(HOST, "a host name or an IP address"),
  port: integer(1, 65535).default(5432),
  name: text(DATABASE_NAME, "a database's name of letters, digits, _ and -"),
  adminUser: text(DATABASE_NAME, "a role's name of letters, digits, _ and -"),
  sslmode: z
    .enum(["disable", "require", "verify-ca", "verify-full"], {
      error: "must be require, verify-ca, verify-full or disable",
    })
    .default("require"),
});

const ingressRule = mapping({
  port: integer(1, 65535).refine((port) => port !== SSH_PORT, {
    error: "must not be 22: servers have no SSH, Session Manager is the way in",
  }),
  cidr: z.string({ error: "must be an address range, as 203.0.113.0/24" }).refine(isCidr, {
    error: "must be an address range without host bits, as 203.0.113.0/24 or 2001:db8::/32",
  }),
  description: text(
    /^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/,
    "1 to 255 of the characters that AWS allows in a rule's description: letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*",
  ),
});

const network = mapping({
  vpcId: text(new RegExp(`^vpc${AWS_ID_TAIL}`), "a VPC id, as vpc-0123456789abcdef0"),
  subnetIds: z
    .array(subnetId(), { error: "must be a list of subnet ids" })
    .min(1, { error: "must be a list of at least one subnet id" }),
  databaseSecurityGroupId: text(new RegExp(`^sg${AWS_ID_TAIL}`), "a security group's id, as sg-0123456789abcdef0"),
  ingress: z
    .array(ingressRule, { error: "must be a list of port, cidr and description" })
    .check((context) => {
      const rules = context.value.map(({ port, cidr }) => `${port} ${cidr}`);
      for (const [i, rule] of rules.entries()) {
        if (rules.indexOf(rule) === i) continue;
        const message = "must not repeat the port and cidr of another rule";
        context.issues.push({ code: "custom", path: [i], message, input: context.value, continue: true });
      }
    })
    .default([]),
});

const server = mapping({
  ami: text(new RegExp(`^ami${AWS_ID_TAIL}`), "an AMI's id, as ami-0123456789abcdef0"),
  instanceType: instanceType(),
  envFile: checkedText(pathProblem, "^(~|/)", "a path, as ~/app/backend/.env"),
  owner: text(/^[a-z_][a-z0-9_-]{0,31}$/, "the name of a login, as ubuntu"),
  service: text(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,199}$/, "the name of a systemd unit, as backend.service"),
});

const backups = mapping({
  destination: text(
    /^(s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9_.-]+)*\/?|(?![A-Za-z0-9]+:)[^\p{C}]{1,1000})$/u,
    "a folder, or s3://BUCKET/PREFIX",
  ),
  kmsKeyId: text(/^[A-Za-z0-9:/_-]{1,2048}$/, "the id or ARN of a KMS key, or alias/NAME").optional(),
});

const limits = mapping({
  defaults: mapping({
    connectionLimit: integer(1, 10_000),
    statementTimeout: duration(),
    idleInTransactionTimeout: duration(),
  }),
  maxConnections: integer(1, 262_143),
  reserve: integer(0, 10_000),
}).check((context) => {
  const { defaults, maxConnections, reserve } = context.value;
  if (defaults.connectionLimit <= maxConnections - reserve) return;
  context.issues.push({
    code: "custom",
    path: ["defaults", "connectionLimit"],
    message: `must be at most maxConnections less reserve, ${maxConnections - reserve}`,
    input: context.value,
    continue: true,
  });
});

/** The settings of the namespace `b2b-tenants`, as they are written; the admin password is no part of them. */
export const settingsSchema = mapping({
  database,
  network,
  server,
  backups,
  limits,
  alarms: alarms.optional(),
  tenantsDir: text(/^[^\p{C}]{1,1000}$/u, "a folder, relative to the project folder or absolute").default("tenants"),
  // No default: a fleet stack that forgot it would take every tenant for gone, and offboard them all.
  fleet: flag(),
}).check((context) => {
  const { alarms, limits } = context.value;
  if (alarms === undefined || alarms.thresholds.connectionsAlarm < limits.maxConnections) return;
  context.issues.push({
    code: "custom",
    path: ["alarms", "thresholds", "connectionsAlarm"],
    // The server refuses the connection that would set it off.
    message: `must be less than limits.maxConnections, ${limits.maxConnections}`,
    input: context.value,
    continue: true,
  });
});

/** What may be in a boot script without quoting: no spaces, no expansions, no way up. */
function pathProblem(path: string): string | undefined {
  const plain = /^(~|)(\/[A-Za-z0-9_.-]+)+$/.test(path) && path.length <= 255;
  if (plain && !path.split("/").some((part) => part === "." || part === "..")) return undefined;
  return "must be a path that starts with / or ~/, of letters, digits, _, -, . and /";
}
