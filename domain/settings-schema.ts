import { z } from "zod";
import { alarms } from "./alarm-fields";
import { BACKUP_BUCKET, BACKUP_FOLDER } from "./backup-location";
import { awsId, checkedText, duration, flag, instanceType, integer, mapping, pooler, text } from "./fields";
import { HOST_ALLOWED, hostProblem } from "./host";
import { limits } from "./limit-fields";
import { migrations } from "./migration-fields";
import { ENVIRONMENT_PATTERN } from "./names";
import { network } from "./network-fields";

// Much of this ends in a server's boot script or in SQL: every pattern lists what is allowed.

const DATABASE_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;

const database = mapping({
  host: checkedText(hostProblem, "", HOST_ALLOWED).meta({
    description: "The shared PostgreSQL server. Change: nothing is copied to the new one.",
  }),
  port: integer(1, 65535).meta({ description: "Its port." }).default(5432),
  name: text(DATABASE_NAME, "a database's name of letters, digits, _ and -").meta({
    description: "The one database. Change: refused for every tenant that lives in the old one.",
  }),
  adminUser: text(DATABASE_NAME, "a role's name of letters, digits, _ and -").meta({
    description: "The provisioning login.",
  }),
  sslmode: z
    .enum(["disable", "require", "verify-ca", "verify-full"], {
      error: "must be require, verify-ca, verify-full or disable",
    })
    .meta({
      description:
        "TLS of the program's sessions and of every `DATABASE_URL`. `disable` passes the policies only for a server on the same machine. The two `verify-…` need RDS's CA to be trusted (for Node: `NODE_EXTRA_CA_CERTS`).",
    })
    .default("require"),
});

const server = mapping({
  ami: awsId("ami", "an AMI's id").meta({ description: "Image of the servers. Change: for new servers." }),
  instanceType: instanceType().meta({
    description: "Instance type of the tenants that name none. Change: their servers are stopped and started.",
  }),
  envFile: checkedText(pathProblem, "^(~|/)", "a path, for example ~/app/backend/.env").meta({
    description:
      "The backend's .env; `~` is the owner's home. Its folder must be there, or one that the owner can make. Change: for new servers.",
  }),
  owner: text(/^[a-z_][a-z0-9_-]{0,31}$/, "the name of a login, for example ubuntu").meta({
    description: "Owner of the .env. Change: for new servers.",
  }),
  service: text(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,199}$/, "the name of a systemd unit, for example backend.service").meta(
    {
      description: "The unit that is restarted when the .env has changed. Change: for new servers.",
    },
  ),
  handover: duration()
    .meta({
      description:
        "How long an `up` that rotates a database password waits for the server to use the new login; `0s` looks once. Default: `10min`.",
      takes: "a duration",
    })
    .default(600_000),
  pooler: pooler()
    .meta({
      description:
        "Of the tenants that name none: PgBouncer between backend and database, which the [AMI](backend.md#pgbouncer) has to have.",
    })
    .default("none"),
});

const backups = mapping({
  destination: text(
    new RegExp(`${BACKUP_BUCKET.source}|${BACKUP_FOLDER.source}`, "u"),
    "a folder, or s3://BUCKET/PREFIX",
  ).meta({ description: "Where the backups of removed tenants go." }),
  kmsKeyId: text(/^[A-Za-z0-9:/_-]{1,2048}$/, "the id or ARN of a KMS key, or alias/NAME")
    .meta({ description: "What backups in S3 are encrypted with. Default: S3's own key." })
    .optional(),
});

/** The settings of the namespace `b2b-tenants`, as they are written; the admin password is no part of them. */
export const settingsSchema = mapping({
  // No default: a stack that forgot it would give its tenants names that no other stack has.
  environment: text(
    ENVIRONMENT_PATTERN,
    "a name of lower-case letters, digits and _, of at most 30 characters, for example prod",
  ).meta({
    description:
      "What all stacks of one environment share: part of the names of parameters, IAM roles and alarms, where a slug stands only once. Change: those are REPLACED, and each server needs a new `rotation.server`.",
  }),
  database,
  network,
  server,
  backups,
  limits,
  migrations: migrations.prefault({}),
  alarms: alarms.optional(),
  tenantsDir: text(/^[^\p{C}]{1,1000}$/u, "a folder, relative to the project folder or absolute")
    .meta({ description: "Folder of the tenant files." })
    .default("tenants"),
  room: integer(0, 1000)
    .meta({
      description:
        "How many tenants `npx b2b-tenants add` puts into this stack. Default: 10 in the fleet stack, none in others.",
    })
    .optional(),
  // No default: a fleet stack that forgot it would take every tenant for gone, and offboard them all.
  fleet: flag().meta({
    description:
      "Whether this stack declares what all tenants share, and the tenants that name no stack. True for one stack of each database only.",
  }),
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
