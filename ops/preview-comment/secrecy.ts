import type { StepState } from "./preview-digest";
import type { ResourceName } from "./urn";

/** How previews write a secret, and what the engine's own wrapping of one carries. */
const MASKED = "[secret]";
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** What secrets are called, with whatever before it. */
const WORD =
  "(?<!encrypted)(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|(?:secret|private|api|access)_?key)";

/** Properties that hold a secret, whether or not the preview says so: it shows them in clear under --show-secrets. */
const SECRET_NAME = new RegExp(
  // What is in Base64 may hold one, and nobody could read it.
  `${WORD}$|^(passwordWo|result|bcryptHash|userDataBase64|database_?url|connection_?string)$`,
  "i",
);

/** `password=…`, `"password": "…"`, `password '…'`: a secret after its name, as shells, libpq, JSON and SQL write it. */
const NAMED_SECRET = new RegExp(
  String.raw`(${WORD}(?:\\?["'])?(?:\s*=\s*|\s*:\s*(?=\\?["'])|\s+(?=e?')))` +
    String.raw`(?:\\?"(?:[^"\\]|\\.)*"?|e?'(?:[^'\\]|\\.|'')*'?|[^\s&;,"']+)`,
  "gis",
);

/** What the engine's wrapping of a secret holds. */
const WRAPPED_SECRET = /("(?:value|plaintext|ciphertext)"\s*:\s*)"(?:[^"\\]|\\.)*"?/gs;

/** The key of a `.env`, in the name of the parameter that holds it. */
const ENV_KEY = /-env-(.*)$/s;

/** Whether a property's value is a secret by its name, by its resource's, or because the resource's own states say so. */
export function isSecretProperty(
  { type, name }: Pick<ResourceName, "type" | "name">,
  property: string,
  states: readonly StepState[],
): boolean {
  if (type === "aws:ssm/parameter:Parameter") {
    // The program writes what is no secret to insecureValue.
    if (property === "value") return true;
    if (property === "insecureValue" && isSecretName(ENV_KEY.exec(name)?.[1] ?? "")) return true;
  }
  return isSecretName(property) || states.some((state) => state.additionalSecretOutputs?.includes(property));
}

/** The same for a key further inside a property. */
export function isSecretName(key: string): boolean {
  return SECRET_NAME.test(key);
}

/** Whether a value is, as a whole, one that a preview keeps to itself or should have. */
export function isSecretValue(value: unknown): boolean {
  if (typeof value === "string")
    return value === MASKED || value.includes(SIGNATURE) || withoutSecrets(value) !== value;
  return typeof value === "object" && value !== null && Object.hasOwn(value, SIGNATURE);
}

/** A text of somebody's, as an error message, without the logins that may stand in its URLs, and without secrets after their names. */
export function withoutSecrets(text: string): string {
  const named = text.replace(/\S+/g, withoutLogin).replace(NAMED_SECRET, "$1***");
  return text.includes(SIGNATURE) ? named.replace(WRAPPED_SECRET, '$1"***"') : named;
}

/**
 * `scheme://user:password@`, up to the last `@` of a word: a password may hold anything. Without regular expressions, since the text
 * may be long, and made to be slow.
 */
function withoutLogin(word: string): string {
  const start = word.indexOf("://") + "://".length;
  const end = word.lastIndexOf("@");
  if (start < "://".length || end < start) return word;
  const login = word.slice(start, end);
  const isPath = login.includes("/") && !login.includes(":");
  return isPath || login === "***" ? word : `${word.slice(0, start)}***${word.slice(end)}`;
}
