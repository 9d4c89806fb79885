import { z } from "zod";
import { allowedOriginsValue } from "./env-file";
import { checkedText, duration, flag, instanceType, integer, mapping, pooler, subnetId, text } from "./fields";
import { STACK_PATTERN } from "./names";
import { FRONTEND_PATTERN, frontendUrlProblem, ORIGIN_PATTERN, originProblem } from "./origin";

/** What SSM holds in a standard parameter. */
const MAX_ENV_VALUE = 4096;

const MAX_CONNECTION_LIMIT = 10_000;
const MAX_ROTATION = 1_000_000;

/** The origin that a tenant which lists none allows besides its frontend's: a developer's own machine. */
export const DEFAULT_ORIGINS: readonly string[] = ["http://localhost:3000"];

const frontendUrl = checkedText(
  frontendUrlProblem,
  FRONTEND_PATTERN,
  "an https URL, for example https://shop.example.com",
).meta({
  description:
    "https URL of the tenant's frontend, without a path: `FRONTEND_URL`, and the first of `ALLOWED_ORIGINS`. Change: a new .env; the backend restarts.",
  examples: ["https://d2abc.cloudfront.net"],
});

const allowedOrigins = z
  .array(checkedText(originProblem, ORIGIN_PATTERN, "an origin, for example https://shop.example.com"), {
    error: "must be a list of origins, for example [https://shop.example.com]",
  })
  .meta({
    description:
      "Further origins that may call the backend: `https://HOST[:PORT]`, or `http://localhost[:PORT]`; `[]` allows the frontend's alone. Change: a new .env; the backend restarts.",
    default: DEFAULT_ORIGINS,
  });

const database = mapping({
  connectionLimit: integer(1, MAX_CONNECTION_LIMIT)
    .meta({
      description:
        "Most sessions that the tenant's role may hold at once, at most `limits.maxConnections` less `limits.reserve`. Change: for new sessions. Default: the stack's.",
    })
    .optional(),
  statementTimeout: duration()
    .meta({
      description:
        "Longest that a statement may run; `0s` for no limit. Change: for new sessions. Default: the stack's.",
    })
    .optional(),
  idleInTransactionTimeout: duration()
    .meta({
      description:
        "Longest that a transaction may be idle before its session is ended; `0s` for no limit. Change: for new sessions. Default: the stack's.",
    })
    .optional(),
}).meta({ description: "Limits of the tenant's database role." });

const server = mapping({
  instanceType: instanceType()
    .meta({
      description: "EC2 instance type of the server. Change: the server is stopped and started. Default: the stack's.",
    })
    .optional(),
  subnetId: subnetId()
    .meta({
      description:
        "Subnet of the server, one of the stack's `network.subnetIds`. Change: the server is REPLACED, its disk and address included; when the key is taken out again, the server stays where it is. Default: the first of them on the day that the server is made.",
    })
    .optional(),
  pooler: pooler()
    .meta({
      description:
        "PgBouncer between the backend and the database: `transaction` or `session` says when it takes a session back. Change: a new .env; the backend restarts. Default: the stack's.",
    })
    .optional(),
}).meta({ description: "The tenant's EC2 instance." });

const rotation = mapping({
  password: integer(1, MAX_ROTATION)
    .meta({
      description:
        "Generation of the database password, raised by one at a time. Change: the login that is not in use gets a new password, delivered; the other one ends once the server has changed over.",
      default: 1,
    })
    .optional(),
  secretKey: integer(1, MAX_ROTATION)
    .meta({
      description: "Generation of `SECRET_KEY`. Change: a new one, delivered; the tenant's users log in again.",
      default: 1,
    })
    .optional(),
  server: integer(1, MAX_ROTATION)
    .meta({
      description:
        "Generation of the server. Change: a NEW SERVER of today's AMI and boot script; the old one is ended, with its disk.",
      default: 1,
    })
    .optional(),
}).meta({ description: "Generations of what is made for the tenant." });

const offboarding = mapping({
  backup: flag()
    .meta({
      description:
        "Whether the tenant is backed up before it is removed. `false`, once an `up` has applied it: NO backup.",
      default: true,
    })
    .optional(),
}).meta({ description: "What happens when the tenant is removed." });

/** A tenant file as it is written. The slug is the file's name, and not in it. */
export const tenantSchema = mapping({
  frontendUrl,
  allowedOrigins: allowedOrigins.optional(),
  stack: text(STACK_PATTERN, "the name of a stack, for example prod-farmacruz")
    .meta({
      description:
        "The stack that declares this tenant. Change: let `npx b2b-tenants move` make it; made by hand, the tenant is REMOVED with its data, after a backup, and made anew, empty. Default: the fleet stack.",
    })
    .optional(),
  database: database.optional(),
  server: server.optional(),
  rotation: rotation.optional(),
  adopt: flag()
    .meta({ description: "Whether to take over a role and schema that were made by hand.", default: false })
    .optional(),
  canary: flag()
    .meta({
      description:
        "Whether the tenant's migrations run before everybody else's. Nobody else's begin until they have succeeded.",
      default: false,
    })
    .optional(),
  databaseOnly: flag()
    .meta({
      description:
        "Whether the stack makes role and schema alone, and no server: while the tenant moves to another database server. Written and taken out by `npx b2b-tenants move`.",
      default: false,
    })
    .optional(),
  offboarding: offboarding.optional(),
})
  // Also when other keys are wrong: all errors are reported together.
  .superRefine(
    (tenant, context) => {
      for (const error of originErrors(tenant)) context.addIssue({ code: "custom", ...error });
    },
    { when: ({ value }) => hasReadableOrigins(value) },
  )
  .meta({ title: "Tenant", description: "One tenant of the B2B platform. The file's name is its slug." });

export type TenantFile = z.output<typeof tenantSchema>;

/** The schema that editors check tenant files with, for example `tenants/tenant.schema.json` holds it. */
export function tenantJsonSchema(): string {
  const schema = z.toJSONSchema(tenantSchema, {
    target: "draft-7",
    io: "input",
    override: ({ jsonSchema }) => delete jsonSchema.takes,
  });
  return `${JSON.stringify(schema, null, 2)}\n`;
}

interface Origins {
  readonly frontendUrl: string;
  readonly allowedOrigins?: readonly string[] | undefined;
}

function hasReadableOrigins(tenant: unknown): boolean {
  const { frontendUrl, allowedOrigins } = (tenant ?? {}) as Record<string, unknown>;
  const isText = (value: unknown) => typeof value === "string";
  return isText(frontendUrl) && Array.isArray(allowedOrigins) && allowedOrigins.every(isText);
}

/** Errors of the origins together. One that is malformed has its own error already. */
function originErrors({ frontendUrl, allowedOrigins = [] }: Origins): { path: PropertyKey[]; message: string }[] {
  const errors = allowedOrigins.flatMap((origin, i) => {
    const path = ["allowedOrigins", i];
    if (originProblem(origin)) return [];
    if (origin === frontendUrl) return [{ path, message: "must not repeat 'frontendUrl', which is allowed anyway" }];
    return allowedOrigins.indexOf(origin) < i ? [{ path, message: "must not repeat an origin of the list" }] : [];
  });
  if (allowedOriginsValue({ frontendUrl, allowedOrigins }).length <= MAX_ENV_VALUE) return errors;
  const message = `must make, after 'frontendUrl', an ALLOWED_ORIGINS of at most ${MAX_ENV_VALUE} characters`;
  return [...errors, { path: ["allowedOrigins"], message }];
}
