/** Values of the shipped `Pulumi.prod.yaml` that each installation replaces by its own. */
import { readFileSync } from "node:fs";
import { isScalar, LineCounter, parseDocument } from "yaml";
import { describedValue, dotted } from "./file-errors";

/** AWS gives nothing an id like these. */
const PLACEHOLDER = /^(vpc|subnet|sg|ami)-0{16}[0a-f]$|replace-with-your-/;

export function isPlaceholder(value: unknown): boolean {
  return typeof value === "string" && PLACEHOLDER.test(value);
}

/**
 * One error for each placeholder, with its line where the file has it: `Pulumi.prod.yaml:23:12: 'b2b-tenants:network.vpcId' must be …`.
 *
 * @param settings By their full keys.
 * @param path Of the stack's file; the settings in use may come from another one.
 */
export function placeholderErrors(settings: Readonly<Record<string, unknown>>, name: string, path: string): string[] {
  const found = placeholdersIn(settings, []);
  if (found.length === 0) return [];
  const placeOf = places(path);
  return found.map(({ at, value }) => {
    const key = dotted(at);
    const wrong = `must be a value of your own, got the placeholder ${describedValue(value)}; docs/setup.md says what to put there`;
    return `${name}${placeOf(at, value)}: '${key}' ${wrong}`;
  });
}

interface Placeholder {
  readonly at: readonly PropertyKey[];
  readonly value: unknown;
}

function placeholdersIn(value: unknown, at: readonly PropertyKey[]): Placeholder[] {
  if (isPlaceholder(value)) return [{ at, value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => placeholdersIn(item, [...at, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => placeholdersIn(inner, [...at, key]));
}

/** Says where a file has a value, as `:LINE:COLUMN`; empty where it does not have it. */
function places(path: string): (at: readonly PropertyKey[], value: unknown) => string {
  const lines = new LineCounter();
  const document = parseDocument(textOf(path), { lineCounter: lines });
  return (at, value) => {
    const node = document.getIn(["config", ...at], true);
    if (!isScalar(node) || node.value !== value || !node.range) return "";
    const { line, col } = lines.linePos(node.range[0]);
    return `:${line}:${col}`;
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
