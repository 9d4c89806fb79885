import { code } from "../ci/markdown";
import { SIGNATURE, withoutSecrets } from "../ci/without-secrets";

/** Placeholder of previews for what is known only once another resource exists. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** How previews write a secret. */
const MASKED = "[secret]";

const MOST_CHARACTERS = 160;

/** A name or a value as Markdown, on one line and cut to a readable length. Of a secret neither the value nor its length. */
export function valueAsCode(value: unknown): string {
  if (value === undefined) return "(none)";
  if (value === UNKNOWN) return "(known after the deployment)";
  const text = typeof value === "string" && value !== "" ? value : JSON.stringify(value);
  if (text === MASKED || text.includes(SIGNATURE) || withoutSecrets(text) !== text) return "secret";
  if (text.length <= MOST_CHARACTERS) return code(text);
  // Half of a surrogate pair is no character.
  const beginning = text.slice(0, MOST_CHARACTERS).replace(/[\ud800-\udbff]$/, "");
  return code(`${beginning}… (${text.length} characters)`);
}
