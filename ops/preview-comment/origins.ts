/** Origins in Markdown. They are never secret, and the one that a reviewer has to see may stand at the end of a list. */
import { originProblem } from "../../domain/origin";
import { code } from "../ci/markdown";
import { valueAsCode } from "./value-as-code";

const MOST_ORIGINS = 100;

/** Whether a resource's value is an origin, or a list of them. */
export function holdsOrigins(name: string): boolean {
  return /-env-(?:ALLOWED_ORIGINS|FRONTEND_URL)$/.test(name);
}

/** Each origin of a value by itself. What is none is treated as any other value. */
export function originsAsCode(value: unknown): string {
  return typeof value === "string" ? listed(itemsOf(value)) : valueAsCode(value);
}

/** Of two lists only the difference: they may be long. */
export function originsFromTo(from: unknown, to: unknown): string {
  const [before, after] = [itemsOf(from), itemsOf(to)];
  const gone = before.filter((item) => !after.includes(item));
  const added = after.filter((item) => !before.includes(item));
  if (Math.max(before.length, after.length) < 2 || gone.length + added.length === 0) {
    return `${originsAsCode(from)} → ${originsAsCode(to)}`;
  }
  return [gone.length > 0 && `without ${listed(gone)}`, added.length > 0 && `with ${listed(added)}`]
    .filter(Boolean)
    .join(", ");
}

/** The origins of a list; whatever else it holds is one item, since a secret may have a comma in it. */
function itemsOf(list: unknown): string[] {
  if (typeof list !== "string") return [];
  const items = list.split(",");
  const others = items.filter((item) => !isOrigin(item));
  return [...items.filter(isOrigin), ...(others.length > 0 ? [others.join(",")] : [])];
}

function listed(items: readonly string[]): string {
  const more = items.length - MOST_ORIGINS;
  const texts = items.slice(0, MOST_ORIGINS).map((item) => (isOrigin(item) ? code(item) : valueAsCode(item)));
  return `${texts.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** It holds no login and no secret, whatever its host looks like. */
function isOrigin(text: string): boolean {
  return originProblem(text) === undefined;
}
