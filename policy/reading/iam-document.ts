import { isAbsent } from "./absent";
import { shown } from "./shown";

/** A statement of a policy document. */
export type Statement = Readonly<Record<string, unknown>>;

/**
 * What `judge` says of each statement that allows something. What is not understood is a violation: a document that cannot be read,
 * or a statement with more to it than `understood`, as `NotAction` or `Condition`.
 *
 * @param document JSON in a text; the provider takes the object itself too
 */
export function ofWhatItAllows(
  document: unknown,
  understood: readonly string[],
  judge: (statement: Statement) => readonly string[],
): string[] {
  const parsed = typeof document === "string" ? parsedJson(document) : document;
  if (!isObject(parsed)) return [`It is no policy document. A JSON object is expected.`];
  const strange = strangeKeys(parsed, ["Version", "Id", "Statement"]);
  if (strange.length > 0) return strange;
  return valuesOf(parsed.Statement).flatMap((statement) => {
    if (!isObject(statement)) return [`Its policy document has ${shown(statement)} where a statement is expected.`];
    if (statement.Effect === "Deny") return [];
    if (statement.Effect !== "Allow") return [`A statement's Effect is ${shown(statement.Effect)}. Say Allow or Deny.`];
    return [...strangeKeys(statement, ["Sid", "Effect", ...understood]), ...judge(statement)];
  });
}

/** What a document writes as one value or as a list of them. */
export function valuesOf(value: unknown): unknown[] {
  if (isAbsent(value)) return [];
  return Array.isArray(value) ? [...value] : [value];
}

function strangeKeys(object: Statement, understood: readonly string[]): string[] {
  return Object.keys(object)
    .filter((key) => !understood.includes(key))
    .map((key) => `Its policy document has ${shown(key)}. Say what it allows by ${understood.join(", ")} alone.`);
}

function isObject(value: unknown): value is Statement {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
