import type { StepState } from "./preview-digest";

/** How previews write a secret, and what the engine's own wrapping of one carries. */
const MASKED = "[secret]";
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Properties that hold a secret, whether or not the preview says so: it shows them in clear under --show-secrets. */
const SECRET_NAME =
  /((?<!encrypted)password|passphrase|secret(_?key)?|token|private_?key)$|^(passwordWo|result|bcryptHash)$/i;

/** `scheme://user:password@`, wherever it stands. Each part has one way to match: the text may be long, and made to be slow. */
const LOGIN_IN_URL = /([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@"'`:]*:[^\s/@"'`]*@/gi;

/** Whether a property's value is a secret by its name, or because the resource's own states say so. */
export function isSecretProperty(type: string, property: string, states: readonly StepState[]): boolean {
  // The program writes what is no secret to insecureValue.
  if (type === "aws:ssm/parameter:Parameter" && property === "value") return true;
  return isSecretName(property) || states.some((state) => state.additionalSecretOutputs?.includes(property));
}

/** The same for a key further inside a property. */
export function isSecretName(key: string): boolean {
  return SECRET_NAME.test(key);
}

/** Whether a value is, as a whole, one that a preview keeps to itself or should have. */
export function isSecretValue(value: unknown): boolean {
  if (typeof value === "string") return value === MASKED || value.search(LOGIN_IN_URL) >= 0;
  return typeof value === "object" && value !== null && Object.hasOwn(value, SIGNATURE);
}

/** A text of somebody's, as an error message, without the logins that may stand in its URLs. */
export function withoutLogins(text: string): string {
  return text.replace(LOGIN_IN_URL, "$1***@");
}
