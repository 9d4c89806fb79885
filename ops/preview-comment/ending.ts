/** How the comment tells that a resource is deleted or replaced, and what is lost with it. */
import { labelOf } from "../../domain/resource-types";
import type { ChangeKind, ResourceChange } from "./resource-change";
import { valueAsCode } from "./value-as-code";

/** What it costs that a resource of a type is deleted, or replaced, where that is more than the resource itself. */
interface Cost {
  readonly deleted?: string;
  readonly replaced?: string;
  /** Data, a login or a server are lost with it. */
  readonly isDestructive?: true;
}

export const GATE = /:OffboardingGate$/;

const DISK = "what is on its disk is lost";

/** By the type, and where one type serves two purposes, by the end of the name. */
const COSTS: readonly (readonly [type: RegExp, name: RegExp, cost: Cost])[] = [
  [
    /:Schema$/,
    /./,
    {
      deleted: "it is dropped with every table in it",
      replaced: "it is dropped with every table in it, and created again, empty",
      isDestructive: true,
    },
  ],
  [/postgresql.*:Role$/, /./, { deleted: "nobody can log in with it any more", isDestructive: true }],
  [/ec2.instance:Instance$/, /./, { deleted: DISK, replaced: `${DISK}, and its address changes`, isDestructive: true }],
  [
    /:RandomPassword$/,
    /-password$/,
    { replaced: "a new one is generated, and delivered; no connection fails meanwhile" },
  ],
  [
    /:RandomPassword$/,
    /-secret-key$/,
    { replaced: "a new one is generated; every user of the backend has to log in again" },
  ],
  [
    GATE,
    /./,
    {
      deleted: "the tenant is fenced and backed up, and nothing guards its data any more",
      replaced: "the tenant is fenced and backed up first",
    },
  ],
  [/:Topic$/, /./, { replaced: "every address has to confirm its subscription again" }],
  [/:TopicSubscription$/, /./, { deleted: "the address receives no more messages" }],
  [/^pulumi:providers:/, /./, { replaced: "everything created through it may be replaced" }],
];

const LEFT_OVER = "left behind by an earlier replacement";

/** How something ends, or may for all that is known. */
const ENDINGS: Readonly<Partial<Record<ChangeKind, string>>> = {
  delete: "is **deleted**",
  replace: "is **replaced**",
  unknown: "**has an operation that this program does not know**",
};

/** Whether a resource ends, or may for all that is known. */
export function isEnding({ kind }: ResourceChange): boolean {
  return kind in ENDINGS;
}

/** The resource by what it is and by its name, and how it ends: "server `acme-instance` is **replaced**". */
export function endingOf(change: ResourceChange): string {
  return `${labelled(change)} ${ENDINGS[change.kind] ?? ""}${bySuccessor(change)}`;
}

/** A resource by what it is and by its name: "server `acme-instance`". */
export function labelled(change: ResourceChange): string {
  const label = labelOf(change);
  return `${label === undefined ? "" : `${label} `}${valueAsCode(change.name)}`;
}

export function bySuccessor({ successor }: ResourceChange): string {
  return successor === undefined ? "" : ` by ${valueAsCode(successor)}`;
}

/** What is lost with a resource that is deleted or replaced; undefined where that is the resource alone. */
export function costOf(change: ResourceChange): string | undefined {
  const { kind, leftOver } = change;
  const cost = costOfType(change);
  if (leftOver) return cost?.deleted === undefined ? LEFT_OVER : `${LEFT_OVER}: ${cost.deleted}`;
  if (isGateWithoutBackup(change)) return "NO backup: offboarding.backup is false";
  return kind === "replace" ? cost?.replaced : kind === "delete" ? cost?.deleted : undefined;
}

/** Whether data, a login or a server are lost by what happens to a resource. */
export function isDestructive(change: ResourceChange): boolean {
  const { kind, type, leftOver } = change;
  if (kind !== "delete" && kind !== "replace") return false;
  // A gate is replaced together with its schema, whose own line is enough where a backup is taken.
  if (GATE.test(type)) return kind === "delete" ? !leftOver : isGateWithoutBackup(change);
  // Nobody uses a server that was replaced. A schema or a role has the name of the one that took its place.
  if (leftOver && isServer(change)) return false;
  return costOfType(change)?.isDestructive === true;
}

export function isServer({ type }: ResourceChange): boolean {
  return type === "aws:ec2/instance:Instance";
}

function costOfType({ type, name }: ResourceChange): Cost | undefined {
  return COSTS.find(([types, names]) => types.test(type) && names.test(name))?.[2];
}

function isGateWithoutBackup({ type, before }: ResourceChange): boolean {
  return GATE.test(type) && before.backup === false;
}
