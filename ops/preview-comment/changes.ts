import { counted } from "../../domain/counted";
import { HANDOVER_TYPE } from "../../domain/resource-types";
import { code, details } from "../ci/markdown";
import type { TenantChange } from "./by-tenant";
import { bySuccessor, costOf, endingOf, GATE, isServer, labelled } from "./ending";
import { migrationsOf } from "./migrations";
import { holdsOrigins, originsAsCode, originsFromTo } from "./origins";
import type { ChangeKind, PropertyChange, ResourceChange } from "./resource-change";
import { valueAsCode } from "./value-as-code";

const OPERATIONS: Readonly<Record<ChangeKind, string>> = {
  create: "create",
  adopt: "adopt",
  update: "update",
  replace: "**replace**",
  delete: "**delete**",
  unknown: "**unknown operation on**",
};

const MOST_PROPERTIES = 20;

/** What happens to the resources of something that lives on: a list in Markdown. */
export function changeList(changes: readonly ResourceChange[]): string {
  return changes.map((change) => `- ${changed(change)}`).join("\n");
}

/** What a reviewer asks about a tenant that is created: what its file decides, as it reaches the resources. */
export function onboardedFacts({ slug, changes }: TenantChange): string {
  const made = (name: string) => changes.find((change) => change.name === `${slug}-${name}`);
  const role = made("role")?.after;
  const schema = made("schema");
  const server = made("instance")?.after;
  const env = ["FRONTEND_URL", "ALLOWED_ORIGINS"].flatMap((key) => {
    const value = made(`env-${key}`)?.after.insecureValue;
    return value === undefined ? [] : [`${code(key)}: ${originsAsCode(value)}`];
  });
  const facts = [
    ...(schema?.kind === "adopt"
      ? ["**adopted:** role and schema made by hand are taken over; a new password is set"]
      : []),
    ...(role ? [`login role ${valueAsCode(role.name)}, at most ${connections(role.connectionLimit)}`] : []),
    ...(schema ? [`schema ${valueAsCode(schema.after.name)}`] : []),
    ...(server ? [`server ${valueAsCode(server.instanceType)} in ${valueAsCode(server.subnetId)}`] : []),
    ...env,
    ...(made("gate")?.after.backup === false
      ? ["⚠️ `offboarding.backup` is false: offboarding it will take **no backup**"]
      : []),
  ];
  // Only what is adopted has a past that can change.
  const adopted = changes.filter(({ kind, properties }) => kind === "adopt" && properties.length > 0).map(changed);
  return [...facts, ...adopted].map((fact) => `- ${fact}`).join("\n");
}

function connections(limit: unknown): string {
  return `${valueAsCode(limit)} ${limit === 1 ? "connection" : "connections"}`;
}

/** Every resource, to be unfolded: what is done to it, its name and its type. */
export function resourceList(changes: readonly ResourceChange[]): string {
  const lines = changes.map(
    (change) =>
      `- ${OPERATIONS[change.kind]} ${valueAsCode(change.name)}${bySuccessor(change)} ${valueAsCode(change.type)}`,
  );
  return details(counted(changes.length, "resource"), lines.join("\n"));
}

function changed(change: ResourceChange): string {
  const { kind, properties, leftOver } = change;
  if (kind === "create") return `${labelled(change)} is created`;
  if (kind === "delete") return `${endingOf(change)}${leftOver ? `: ${costOf(change)}` : ""}`;
  if (kind === "unknown") return endingOf(change);
  const more = properties.length - MOST_PROPERTIES;
  const what = [
    ...properties.slice(0, MOST_PROPERTIES).map((property) => propertyChange(change, property)),
    ...(more > 0 ? [`and ${counted(more, "more property", "more properties")}`] : []),
  ];
  const note = noteOf(change);
  const subject = kind === "replace" ? endingOf(change) : labelled(change);
  if (what.length === 0 && change.successor !== undefined) return subject;
  if (what.length === 0 && note !== undefined) return `${subject}: ${note}`;
  return `${subject}: ${what.join("; ") || "the preview does not say what changes"}${note === undefined ? "" : `. ${note}`}`;
}

/** `connectionLimit`: `10` → `20`. Of most properties the key alone. */
function propertyChange(change: ResourceChange, { key, values, forcesReplacement }: PropertyChange): string {
  const name = key === "__provider" ? "program code" : valueAsCode(key);
  return `${name}${values ? `: ${fromTo(change, values.from, values.to)}` : ""}${forcesReplacement ? " (cannot be changed in place)" : ""}`;
}

function fromTo({ name }: ResourceChange, from: unknown, to: unknown): string {
  return holdsOrigins(name) ? originsFromTo(from, to) : `${valueAsCode(from)} → ${valueAsCode(to)}`;
}

/** What an update in place does besides: the server is stopped, a later removal takes no backup, or data stay behind. */
function noteOf(change: ResourceChange): string | undefined {
  const { kind, type, properties, after } = change;
  const changes = (...keys: string[]) => properties.some(({ key }) => keys.includes(key));
  if (kind !== "update") return undefined;
  if (isServer(change) && changes("instanceType", "userData")) return "The server is stopped and started.";
  if (GATE.test(type) && changes("backup") && after.backup === false)
    return "From then on, offboarding takes no backup.";
  if (type === "pulumi:providers:postgresql" && changes("host", "port", "database")) {
    return "No data is moved: what exists stays on the old database, and tenants find nothing on the new one.";
  }
  if (type === HANDOVER_TYPE && !changes("rotation")) {
    return "the last rotation has not ended, and both logins are valid. `up` looks whether the server has changed over, and `report` says what is waited for.";
  }
  const migrations = migrationsOf(change);
  if (migrations.length > 0) return `Runs ${migrations.map(code).join(", ")}.`;
  if (/:SqlScript$/.test(type) && changes("sha256")) return "`sql/tenant_init.sql` runs again.";
  return undefined;
}
