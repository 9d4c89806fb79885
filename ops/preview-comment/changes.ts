import { count, details } from "../ci/markdown";
import { endingOf, LEFT_OVER } from "./ending";
import { GATE, labelOf } from "./purpose";
import type { ChangeKind, ResourceChange } from "./resource-change";
import { shownChange, shownName } from "./shown-value";

const OPERATIONS: Readonly<Record<ChangeKind, string>> = {
  create: "create",
  adopt: "adopt",
  update: "update",
  replace: "**replace**",
  delete: "**delete**",
  unknown: "**does something unknown to**",
};

const MOST_PROPERTIES = 20;

/** What happens to the resources of something that lives on, property by property: a list in Markdown. */
export function changeList(changes: readonly ResourceChange[]): string {
  return changes.flatMap(changeItem).join("\n");
}

/** The same of a tenant that is made, where nothing but what is adopted has a past. */
export function adoptedList(changes: readonly ResourceChange[]): string {
  return changeList(changes.filter(({ kind, properties }) => kind === "adopt" && properties.length > 0));
}

function changeItem(change: ResourceChange): string[] {
  const { kind, properties } = change;
  const subject = `- ${labelled(change)}`;
  if (kind === "create") return [`${subject} is created`];
  if (kind === "unknown") return [`${subject} ${endingOf(change)}`];
  if (kind === "delete") return [`${subject} is **deleted**${change.leftOver ? `: ${LEFT_OVER}` : ""}`];
  const note = noteOf(change);
  const by = change.successor === undefined ? "" : ` by ${shownName(change.successor)}`;
  const head = `${subject}${kind === "replace" ? ` is **replaced**${by}` : ""}`;
  const tail = note === undefined ? "" : ` (${note})`;
  const lines = properties.slice(0, MOST_PROPERTIES).map(shownChange);
  const more = properties.length - lines.length;
  if (more > 0) lines.push(`and ${count(more, "more property", "more properties")}`);
  if (lines.length > 1) return [`${head}${tail}:`, ...lines.map((line) => `  - ${line}`)];
  if (by !== "" && lines.length === 0) return [head];
  return [`${head}: ${lines[0] ?? "the preview does not say what changes"}${tail}`];
}

/** What an update in place does besides: the server is stopped for it, a later removal takes no backup, or data stay behind. */
function noteOf({ kind, type, properties, after }: ResourceChange): string | undefined {
  if (kind !== "update") return undefined;
  const paths = properties.map(({ path }) => path);
  if (/ec2.instance:Instance$/.test(type) && (paths.includes("instanceType") || paths.includes("userData"))) {
    return "the server is stopped and started for it";
  }
  if (GATE.test(type) && paths.includes("backup") && after.backup === false) {
    return "from then on, removing the tenant takes no backup";
  }
  if (/^pulumi:providers:postgresql$/.test(type) && ["host", "port", "database"].some((path) => paths.includes(path))) {
    return "what it has made stays where it was: no data are moved, and no tenant finds any there";
  }
  if (/:SqlScript$/.test(type) && paths.includes("sha256")) return "`sql/tenant_init.sql` is run again";
  return undefined;
}

/** Every resource, to be unfolded: what is done to it, its name and its type. */
export function resourceList(changes: readonly ResourceChange[]): string {
  const lines = changes.map(({ kind, name, type, successor }) => {
    const by = successor === undefined ? "" : ` by ${shownName(successor)}`;
    return `- ${OPERATIONS[kind]} ${shownName(name)}${by} ${shownName(type)}`;
  });
  return details(count(changes.length, "resource"), lines.join("\n"));
}

/** A resource by what it is and by its name. */
export function labelled(change: ResourceChange): string {
  const label = labelOf(change);
  return `${label === undefined ? "" : `${label} `}${shownName(change.name)}`;
}
