import { type Check, resourcePolicy, type TenantResource } from "../define-policy";
import { forMessage } from "../reading/message";
import { PARAMETER } from "../reading/resource-types";
import { adminName, DEFAULT_PORT, databaseSetting, holdsAdminPassword } from "../reading/stack-settings";
import { envPathOf, roleOf, secondLoginOf } from "../reading/tenant-names";
import { isAbsent } from "../reading/values";

/** What is wrong with a key's value. The message repeats nothing of it: a password may stand anywhere. */
type Form = (text: string, tenant: string) => readonly string[];

const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const PORT = "(:[0-9]{1,5})?";
const HTTPS = `https://(${LABEL}(\\.${LABEL})*|\\[[0-9a-f:]+\\])${PORT}`;
const ORIGIN = `(${HTTPS}|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])${PORT})`;

/**
 * Takes one host, since a client goes on to the next where the first does not answer, and no option such as `user`, `password` or `host`,
 * which would count in place of what stands before it.
 */
const DATABASE_URL = new RegExp(
  "^postgres(ql)?://(?<user>[\\w.~%-]+)(:(?<password>[\\w.~%-]*))?@(?<host>[\\w.-]+|\\[[0-9A-Fa-f:.]+\\])(:(?<port>[0-9]{1,5}))?" +
    "(/(?<name>[\\w.~%-]*))?(\\?sslmode=(?<sslmode>[\\w-]*))?$",
);

/**
 * The keys of a tenant's environment, and what each holds. A key that is not here is refused: whoever adds one
 * defines here what it may hold. So no policy has to guess whether a text is a secret, or whose.
 */
const KEYS: ReadonlyMap<string, Form> = new Map([
  ["DATABASE_URL", logsInAsTheTenant],
  ["SECRET_KEY", matches(/^[0-9a-f]{64}$/, "64 hexadecimal digits in lower case")],
  [
    "ALLOWED_ORIGINS",
    matches(
      new RegExp(`^${ORIGIN}(,${ORIGIN})*$`),
      "origins (https://HOST, or http://localhost:PORT) with commas in between",
    ),
  ],
  ["FRONTEND_URL", matches(new RegExp(`^${HTTPS}$`), "https://HOST or https://HOST:PORT")],
  ["ENVIRONMENT", matches(/^production$/, "production")],
  // Not of the environment: it tells the server what pooler to run.
  [
    "POOLER",
    matches(
      /^pool_mode=(transaction|session) pool_size=[1-9][0-9]{0,4} listen_port=[1-9][0-9]{3,4}$/,
      "pool_mode=MODE pool_size=NUMBER listen_port=PORT",
    ),
  ],
]);

/** What a preview may show. */
const PLAIN = ["ALLOWED_ORIGINS", "FRONTEND_URL", "ENVIRONMENT", "POOLER"];

function matches(pattern: RegExp, expected: string): Form {
  return (text) => (pattern.test(text) ? [] : [`Its value does not have the form that its key requires: ${expected}.`]);
}

function logsInAsTheTenant(text: string, tenant: string): readonly string[] {
  const own = roleOf(tenant);
  const login = DATABASE_URL.exec(text)?.groups;
  const [user, password] = [login && decoded(login.user), login && decoded(login.password)];
  if (user === undefined || password === undefined) {
    return [
      `Its value is not a URL of the form postgresql://${own}:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE, percent-encoded.`,
    ];
  }
  if (user !== own && user !== secondLoginOf(tenant)) {
    return [`Its URL logs in as a role other than the tenant's. Use ${own}.`];
  }
  if (adminName()?.toLowerCase() === user)
    return [`Its URL logs in as the admin, whose role is ${user} too. Give the admin another.`];
  return holdsAdminPassword(password) ? [ADMIN_PASSWORD] : leadsElsewhere(login);
}

/** What of a URL is not as the setting `b2b-tenants:database` has it, by default or not. Without the setting nothing can be said of it. */
function leadsElsewhere(url: Readonly<Record<string, string | undefined>> = {}): readonly string[] {
  const { host, name, ...more } = databaseSetting();
  if (isAbsent(host)) return [];
  const found: Readonly<Record<string, unknown>> = {
    host: url.host?.replace(/^\[(.*)\]$/, "$1"),
    port: url.port ?? DEFAULT_PORT,
    name: decoded(url.name),
    sslmode: url.sslmode,
  };
  return Object.entries({ host, name, port: DEFAULT_PORT, sslmode: "require", ...more }).flatMap(([key, set]) =>
    !(key in found) || isAbsent(set) || String(found[key]) === String(set)
      ? []
      : [`The ${key} of its URL is not that of the setting b2b-tenants:database.${key}. Use ${forMessage(set)}.`],
  );
}

/** Percent-encoding undone; undefined where it is wrong. */
function decoded(text = ""): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const ADMIN_PASSWORD =
  "It holds the admin's password, which no tenant may know. Use the tenant's own, and give the admin another.";

/** Where the provider takes a parameter's text from. A check for each, so that one which is not known yet hides no other. */
const hasItsKeysForm = ["value", "insecureValue", "valueWo"].map(
  (property): Check =>
    (parameter) => {
      const text = parameter.props[property];
      if (isAbsent(text)) return [];
      if (typeof text !== "string") return [`Its ${property} is no text. Give it one.`];
      if (holdsAdminPassword(text)) return [ADMIN_PASSWORD];
      return KEYS.get(keyOf(parameter))?.(text, parameter.tenant) ?? [];
    },
);

export const parametersHaveTheirKeysForm = resourcePolicy(
  "parameters-have-their-keys-form",
  "Each parameter holds what its key says: the login is the tenant's own, to the stack's database, and never the admin's.",
  { [PARAMETER]: hasItsKeysForm },
);

const SECURE = "SecureString";

const isSecure: Check = (parameter) => {
  const { type } = parameter.props;
  const key = keyOf(parameter);
  return type === SECURE || PLAIN.includes(key)
    ? []
    : [
        `${forMessage(key)} has type ${forMessage(type)}. Make it a SecureString: only ${PLAIN.join(", ")} may be shown.`,
      ];
};

/** AWS encrypts it all the same, but the provider shows it in previews and keeps it in clear. */
const isNotShown: Check = ({ props }) =>
  props.type === SECURE && !isAbsent(props.insecureValue)
    ? ["It is a SecureString with an insecureValue, which previews show. Give it as value."]
    : [];

export const secretsAreSecureStrings = resourcePolicy(
  "secrets-are-secure-strings",
  "Every parameter is a SecureString, but for those that hold no secret.",
  { [PARAMETER]: [isSecure, isNotShown] },
);

/** A server reads everything under its tenant's path into its `.env`, and nothing else. */
const isInOwnPath: Check = ({ environment, tenant, props: { name } }) => {
  const path = `${envPathOf(environment, tenant)}/`;
  return [...KEYS.keys()].some((key) => name === path + key)
    ? []
    : [
        `Its name is ${forMessage(name)}. Parameters of tenant ${forMessage(tenant)} are named ${path}KEY, where KEY is one of ` +
          `${[...KEYS.keys()].join(", ")}. Declare a new key in policy/rules/parameters.ts.`,
      ];
};

export const parametersStayInTheirPath = resourcePolicy(
  "parameters-stay-in-their-path",
  "A tenant's parameters are under its own path, each with a key that the policies know.",
  { [PARAMETER]: isInOwnPath },
);

/** A parameter's key in the `.env`: the last part of its name. */
function keyOf({ props }: TenantResource): string {
  const name = String(props.name);
  return name.slice(name.lastIndexOf("/") + 1);
}
