import type { ResourceChange } from "./resource-change";

/** What a resource is to a reviewer. */
interface Purpose {
  readonly label: string;
  /** What its end costs, where that is more than the resource itself. */
  readonly ifGone?: string;
  /** The same, of its replacement. */
  readonly ifReplaced?: string;
  /** Data or a server go with it. */
  readonly destructive?: true;
}

type Kind = Pick<ResourceChange, "type" | "name">;
const GATE = /:OffboardingGate$/;

const DISK = "what is on its disk is lost";

/** By the last part of the type, and where one type serves two ends, by the name's ending. */
const PURPOSES: readonly (readonly [RegExp, RegExp, Purpose])[] = [
  [
    /:Schema$/,
    /./,
    {
      label: "schema",
      ifGone: "it is dropped, with every table in it",
      ifReplaced: "it is dropped, with every table in it, and made anew, empty",
      destructive: true,
    },
  ],
  [/postgresql.*:Role$/, /./, { label: "login role", ifGone: "nobody can log in any more", destructive: true }],
  [
    /ec2.instance:Instance$/,
    /./,
    { label: "server", ifGone: DISK, ifReplaced: `${DISK}, and its address changes`, destructive: true },
  ],
  [
    /:RandomPassword$/,
    /-password$/,
    {
      label: "database password",
      ifReplaced: "a new one; until the server has it, within minutes, new sessions are refused",
    },
  ],
  [
    /:RandomPassword$/,
    /-secret-key$/,
    { label: "`SECRET_KEY`", ifReplaced: "a new one; every user of the backend has to log in again" },
  ],
  [
    GATE,
    /./,
    {
      label: "offboarding gate",
      ifGone: "the tenant is shut out and backed up first",
      ifReplaced: "the tenant is shut out and backed up first",
    },
  ],
  [/:DropGuard$/, /./, { label: "drop guard" }],
  [/:SchemaGuard$/, /./, { label: "schema guard" }],
  [/:SqlScript$/, /./, { label: "tables" }],
  [/:DefaultPrivileges$/, /./, { label: "default privileges" }],
  [/:Grant$/, /./, { label: "grant" }],
  [/ssm.*:Parameter$/, /./, { label: "`.env` value" }],
  [/iam.*:Role$/, /./, { label: "server's IAM role" }],
  [/:RolePolicy$/, /./, { label: "server's IAM policy" }],
  [/:InstanceProfile$/, /./, { label: "instance profile" }],
  [/:SecurityGroup$/, /./, { label: "security group" }],
  [/:SecurityGroup(Ingress|Egress)Rule$/, /./, { label: "network rule" }],
  [/:MetricAlarm$/, /./, { label: "alarm" }],
  [/:Topic$/, /./, { label: "topic of the alarms", ifReplaced: "every address has to confirm anew" }],
  [/:TopicSubscription$/, /./, { label: "address of the alarms", ifGone: "it is told nothing any more" }],
  [/^pulumi:providers:/, /./, { label: "provider", ifReplaced: "everything that it made may be replaced" }],
];

function purposeOf({ type, name }: Kind): Purpose | undefined {
  return PURPOSES.find(([types, names]) => types.test(type) && names.test(name))?.[2];
}

/** What a resource is, in words; undefined for one that this program does not make. */
export function labelOf(resource: Kind): string | undefined {
  return purposeOf(resource)?.label;
}

export const LEFT_OVER = "left behind by an earlier replacement";

/** What it costs that a resource is deleted or replaced. */
export function costOf(change: ResourceChange): string | undefined {
  const purpose = purposeOf(change);
  if (change.leftOver) return LEFT_OVER;
  if (isUnsavedGate(change)) return "NO backup: offboarding.backup is false";
  return change.kind === "replace" ? purpose?.ifReplaced : change.kind === "delete" ? purpose?.ifGone : undefined;
}

function isUnsavedGate({ type, before }: ResourceChange): boolean {
  return GATE.test(type) && before.backup === false;
}

/** Whether data or a server go with what happens to a resource. */
export function isDestructive(change: ResourceChange): boolean {
  if (change.leftOver) return false;
  // A gate is replaced together with its schema.
  if (change.kind === "replace" && isUnsavedGate(change)) return true;
  const ends = change.kind === "delete" || change.kind === "replace";
  return ends && purposeOf(change)?.destructive === true;
}

/** What an update in place does besides: the server is stopped for it, or a later removal takes no backup. */
export function noteOf({ kind, type, properties, after }: ResourceChange): string | undefined {
  if (kind !== "update") return undefined;
  const paths = properties.map(({ path }) => path);
  if (/ec2.instance:Instance$/.test(type) && (paths.includes("instanceType") || paths.includes("userData"))) {
    return "the server is stopped and started for it";
  }
  if (GATE.test(type) && paths.includes("backup") && after.backup === false) {
    return "from then on, removing the tenant takes no backup";
  }
  if (/:SqlScript$/.test(type) && paths.includes("sha256")) return "`sql/tenant_init.sql` is run again";
  return undefined;
}
