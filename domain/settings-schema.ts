import { z } from "zod";
import { alarms } from "./alarm-fields";
import { awsId, checkedText, flag, instanceType, integer, mapping, text } from "./fields";
import { limits } from "./limit-fields";
import { network } from "./network-fields";

// Much of this ends in a server's boot script or in SQL: every pattern lists what is allowed.

const HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$|^[0-9A-Fa-f:.]{2,45}$/;
const DATABASE_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;

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

const server = mapping({
  ami: awsId("ami", "an AMI's id"),
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
    params: { default: alarms.thresholds.connectionsAlarm },
    continue: true,
  });
});

/** What may be in a boot script without quoting: no spaces, no expansions, no way up. */
function pathProblem(path: string): string | undefined {
  const plain = /^(~|)(\/[A-Za-z0-9_.-]+)+$/.test(path) && path.length <= 255;
  if (plain && !path.split("/").some((part) => part === "." || part === "..")) return undefined;
  return "must be a path that starts with / or ~/, of letters, digits, _, -, . and /";
}
