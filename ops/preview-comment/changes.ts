import { code, count, details } from "./markdown";
import { LEFT_OVER, labelOf, noteOf } from "./purpose";
import type { ChangeKind, ResourceChange } from "./resource-change";
import { shownChange } from "./shown-value";

const OPERATIONS: Readonly<Record<ChangeKind, string>> = {
  create: "create",
  adopt: "adopt",
  update: "update",
  replace: "**replace**",
  delete: "**delete**",
  other: "other",
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
  if (kind === "other") return [];
  if (kind === "create") return [`${subject} is created`];
  if (kind === "delete") return [`${subject} is **deleted**${change.leftOver ? `: ${LEFT_OVER}` : ""}`];
  const note = noteOf(change);
  const by = change.successor === undefined ? "" : ` by ${code(change.successor)}`;
  const head = `${subject}${kind === "replace" ? ` is **replaced**${by}` : ""}`;
  const tail = note === undefined ? "" : ` (${note})`;
  const lines = properties.slice(0, MOST_PROPERTIES).map(shownChange);
  const more = properties.length - lines.length;
  if (more > 0) lines.push(`and ${count(more, "more property", "more properties")}`);
  if (lines.length > 1) return [`${head}${tail}:`, ...lines.map((line) => `  - ${line}`)];
  if (by !== "" && lines.length === 0) return [head];
  return [`${head}: ${lines[0] ?? "the preview does not say what changes"}${tail}`];
}

/** Every resource, to be unfolded: what is done to it, its name and its type. */
export function resourceList(changes: readonly ResourceChange[]): string {
  const lines = changes.map(({ kind, name, type, successor }) => {
    const by = successor === undefined ? "" : ` by ${code(successor)}`;
    return `- ${OPERATIONS[kind]} ${code(name)}${by} ${code(type)}`;
  });
  return details(count(changes.length, "resource"), lines.join("\n"));
}

/** A resource by what it is and by its name. */
export function labelled(change: ResourceChange): string {
  const label = labelOf(change);
  return `${label === undefined ? "" : `${label} `}${code(change.name)}`;
}
