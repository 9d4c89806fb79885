import { isAbsent } from "../reading/absent";
import { keyOf, ofEachText, PARAMETER } from "../reading/parameter";
import { secretLikes } from "../reading/secret-like";
import { shown } from "../reading/shown";
import { type Check, type Checked, resourcePolicy } from "../resource-policy";

/** What a preview may show of a tenant's environment. */
const PLAIN = ["ALLOWED_ORIGINS", "FRONTEND_URL", "ENVIRONMENT"];

const SECURE = "SecureString";

const isSecure: Check = ({ props }) =>
  props.type === SECURE || PLAIN.includes(keyOf(props))
    ? []
    : [
        `${shown(keyOf(props))} is a ${shown(props.type)}. Make it a SecureString: only ${PLAIN.join(", ")} are for all to see.`,
      ];

/** AWS encrypts it all the same, but the provider shows it in previews and keeps it in clear. */
const isNotShown: Check = ({ props }) =>
  props.type === SECURE && !isAbsent(props.insecureValue)
    ? ["It is a SecureString with an insecureValue, which previews show. Give it as value."]
    : [];

function holdsNothingSecret(text: string, { props }: Checked): string[] {
  if (props.type === SECURE) return [];
  return [...secretLikes(text).keys()].map((kind) => `It holds ${kind}, and is no SecureString. Make it one.`);
}

export const secretsAreSecureStrings = resourcePolicy(
  "secrets-are-secure-strings",
  "Every parameter is a SecureString, but for those that hold no secret.",
  { [PARAMETER]: [isSecure, isNotShown, ...ofEachText(holdsNothingSecret)] },
);
