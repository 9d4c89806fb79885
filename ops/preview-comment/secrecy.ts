import { SECRET_WORD, SIGNATURE, withoutSecrets } from "../ci/without-secrets";
import type { StepState } from "./preview-digest";
import type { ResourceName } from "./urn";

/** How previews write a secret. */
const MASKED = "[secret]";

/** Properties that hold a secret, whether or not the preview says so: it shows them in clear under --show-secrets. */
const SECRET_NAME = new RegExp(
  // What is in Base64 may hold one, and nobody could read it.
  `${SECRET_WORD}$|^(passwordWo|result|bcryptHash|userDataBase64|database_?url|connection_?string)$`,
  "i",
);

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
