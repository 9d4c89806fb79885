import type { z } from "zod";
import { closestKey } from "./closest-key";
import { dotted, quoted, shown } from "./fault";
import { UNREADABLE } from "./yaml-nodes";

/** What a schema refuses, in words. */
export interface SchemaFault {
  readonly path: readonly PropertyKey[];
  /** Whether the key at `path` is at fault, or its value. */
  readonly which: "key" | "value";
  readonly message: string;
}

/**
 * Words for a schema's issues: `'frontendUrl' must be an https URL, got 42`. A key that is not known is named, with the one
 * that was probably meant; its value, which may be anybody's password, is not.
 *
 * @param prefix Stands before every key, as `b2b-tenants:`.
 */
export function schemaFaults(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  schema: z.ZodType,
  prefix = "",
): SchemaFault[] {
  return issues.flatMap((issue): SchemaFault[] => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => unknownKey([...issue.path, key], schema, prefix));
    const found = valueAt(value, issue.path);
    const subject = issue.path.length === 0 ? "the file" : `'${prefix}${dotted(issue.path)}'`;
    // One mistake is one fault: YAML's own faults name this place already.
    if (found === UNREADABLE) return [];
    if (found === undefined) return [{ path: issue.path, which: "value", message: missing(subject, issue.message) }];
    return [{ path: issue.path, which: "value", message: `${subject} ${issue.message}, got ${shown(found)}` }];
  });
}

function missing(subject: string, mustBe: string): string {
  return `${subject} is missing; it ${mustBe}`;
}

function unknownKey(path: readonly PropertyKey[], schema: z.ZodType, prefix: string): SchemaFault {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const allowed = Object.keys(shapeOf(schemaAt(schema, parent)) ?? {});
  const meant = closestKey(key, allowed, dottedKeys(schema));
  const holder = `${prefix}${dotted(parent)}`.replace(/:$/, "");
  const where = holder === "" ? "" : ` in '${holder}'`;
  const hint = meant === undefined ? "" : `, did you mean '${meant}'?`;
  return {
    path,
    which: "key",
    message: `unknown key ${quoted(key)}${where}${hint || ";"} allowed: ${allowed.join(", ")}`,
  };
}

/** Every key of a schema, nested ones as `database.connectionLimit`. */
function dottedKeys(schema: z.ZodType, prefix = ""): string[] {
  return Object.entries(shapeOf(schema) ?? {}).flatMap(([key, inner]) => {
    const full = `${prefix}${key}`;
    return [full, ...dottedKeys(inner, `${full}.`)];
  });
}

function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((at, part) => {
    const unwrapped = at && unwrap(at);
    if (unwrapped && typeof part === "number" && "element" in unwrapped) return unwrapped.element as z.ZodType;
    return at && shapeOf(at)?.[String(part)];
  }, schema);
}

function shapeOf(schema: z.ZodType | undefined): Record<string, z.ZodType> | undefined {
  const unwrapped = schema && unwrap(schema);
  return unwrapped && "shape" in unwrapped ? (unwrapped.shape as Record<string, z.ZodType>) : undefined;
}

function unwrap(schema: z.ZodType): z.ZodType {
  const wrapper = schema.def as { innerType?: z.ZodType; in?: z.ZodType };
  const inner = wrapper.innerType ?? wrapper.in;
  return inner ? unwrap(inner) : schema;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, part) => (at as Record<PropertyKey, unknown> | null | undefined)?.[part], value);
}
