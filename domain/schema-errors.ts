/** Puts into words what the schemas of tenant files and settings refuse: Zod's schemas, not PostgreSQL's. */
import type { z } from "zod";
import { closestKey } from "./closest-key";
import { describedValue, dotted, quotedText } from "./file-errors";
import { UNREADABLE } from "./yaml-nodes";

/** Keys whose value may be a secret, whether or not one belongs there: `rotation.password` is an integer. */
const SECRET_NAME = /passw|secret|token|key$/i;

/** What a schema refuses, in words. */
export interface SchemaError {
  readonly path: readonly PropertyKey[];
  /** Whether the key at `path` is wrong, or its value. */
  readonly which: "key" | "value";
  readonly message: string;
}

/**
 * Words for a schema's issues: `'frontendUrl' must be an https URL, got 42`. A key that is not known is named, with the one
 * that was probably meant; its value, which may be anybody's password, is not.
 *
 * @param prefix Stands before every key, for example `b2b-tenants:`.
 */
export function schemaErrors(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  schema: z.ZodType,
  prefix = "",
): SchemaError[] {
  const errors = issues.flatMap((issue): SchemaError[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownKey([...issue.path, key], schema, prefix));
    }
    const found = valueAt(value, issue.path);
    // One mistake is one error: YAML's own errors name this place already.
    if (found === UNREADABLE) return [];
    const subject = issue.path.length === 0 ? "the file" : `'${prefix}${dotted(issue.path)}'`;
    const message = `${subject} ${found === undefined ? missing(issue) : ""}${issue.message}`;
    return [
      {
        path: issue.path,
        which: "value",
        message: found === undefined ? message : `${message}, got ${got(issue, found)}`,
      },
    ];
  });
  // Two checks of one field may say the same.
  return errors.filter((error, i) => errors.findIndex((other) => other.message === error.message) === i);
}

/** What is refused although nobody has written it is a default; the check that refuses it hands it on. */
function missing(issue: z.core.$ZodIssue): string {
  const preset = issue.code === "custom" ? issue.params?.default : undefined;
  return preset === undefined ? "is missing; it " : `is missing, and its default is ${preset}; it `;
}

/** A text is shown only where a text could have been right, and never where a password may have been written by mistake. */
function got(issue: z.core.$ZodIssue, found: unknown): string {
  const structure = issue.code === "invalid_type" && (issue.expected === "object" || issue.expected === "array");
  return typeof found === "string" && (structure || SECRET_NAME.test(dotted(issue.path)))
    ? "a text"
    : describedValue(found);
}

function unknownKey(path: readonly PropertyKey[], schema: z.ZodType, prefix: string): SchemaError {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const allowed = Object.keys(shapeOf(schemaAt(schema, parent)) ?? {});
  const meant = closestKey(key, allowed, SECRET_NAME.test(key) ? [] : dottedKeys(schema));
  const holder = `${prefix}${dotted(parent)}`.replace(/:$/, "");
  const where = holder === "" ? "" : ` in '${holder}'`;
  const hint = meant === undefined ? "" : `, did you mean '${meant}'?`;
  return {
    path,
    which: "key",
    message: `unknown key ${quotedText(key)}${where}${hint || ";"} allowed: ${allowed.join(", ")}`,
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
