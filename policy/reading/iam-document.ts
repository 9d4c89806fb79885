import { forMessage } from "./message";
import { listed } from "./values";

/** A statement of a policy document. */
export type Statement = Readonly<Record<string, unknown>>;

/**
 * What `judge` says of each statement that allows something. Whatever is not understood is a violation: a document that cannot be
 * read, or a statement with keys besides those in `understood`, such as `NotAction` or `Condition`.
 *
 * @param document JSON in a text; the provider takes the object itself too
 */
export function violationsOfAllowed(
  document: unknown,
  understood: readonly string[],
  judge: (statement: Statement) => readonly string[],
): string[] {
  const parsed = typeof document === "string" ? parsedJson(document) : document;
  if (!isObject(parsed)) return ["Its policy document cannot be read. A JSON object is expected."];
  const strange = strangeKeys(parsed, ["Version", "Id", "Statement"]);
  if (strange.length > 0) return strange;
  return listed(parsed.Statement).flatMap((statement) => {
    if (!isObject(statement))
      return [`Its policy document has ${forMessage(statement)} where a statement is expected.`];
    if (statement.Effect === "Deny") return [];
    if (statement.Effect !== "Allow")
      return [`A statement's Effect is ${forMessage(statement.Effect)}. Use Allow or Deny.`];
    return [...strangeKeys(statement, ["Sid", "Effect", ...understood]), ...judge(statement)];
  });
}

function strangeKeys(object: Statement, understood: readonly string[]): string[] {
  return Object.keys(object)
    .filter((key) => !understood.includes(key))
    .map((key) => `Its policy document has ${forMessage(key)}. Use ${understood.join(", ")} alone.`);
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
