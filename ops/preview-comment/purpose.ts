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
export const GATE = /:OffboardingGate$/;

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
      ifGone: "the tenant is shut out and backed up, and nothing guards its removal any more",
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

/** Undefined for what this program does not make. */
export function purposeOf({ type, name }: Kind): Purpose | undefined {
  return PURPOSES.find(([types, names]) => types.test(type) && names.test(name))?.[2];
}

/** What a resource is, in words; undefined for one that this program does not make. */
export function labelOf(resource: Kind): string | undefined {
  return purposeOf(resource)?.label;
}
