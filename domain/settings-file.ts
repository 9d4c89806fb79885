import { join } from "node:path";
import { describedValue, FileErrors } from "./file-errors";
import { placeholderErrors } from "./placeholders";
import { schemaErrors } from "./schema-errors";
import { settingsSchema } from "./settings-schema";
import type { SettingsSpec } from "./settings-spec";

/** Namespace of the program's own settings. */
const NAMESPACE = "b2b-tenants:";

const PASSWORD_KEY = `${NAMESPACE}adminPassword`;

const REGION_KEY = "aws:region";

/** Settings that are texts, also where they would be JSON. */
const TEXTS: ReadonlySet<string> = new Set(["environment", "tenantsDir"]);

/** A stack's configuration as Pulumi hands it over. */
export interface RawSettings {
  readonly stack: string;
  /** Every setting by its full key, for example `b2b-tenants:database` or `aws:region`: a text, which is JSON if it has structure. */
  readonly config: Readonly<Record<string, string>>;
  /** Whether a setting is kept encrypted. */
  isSecret(key: string): boolean;
  /** `PGPASSWORD` of the environment, which takes the place of the setting `adminPassword`. */
  readonly environmentPassword: string | undefined;
  /** Folder of the stack's file, if the stack is used as the file says: then placeholders are refused. A rehearsal replaces them. */
  readonly folder?: string;
}

/** Settings complete and checked. The password is in clear here: whoever asks for it makes it a secret at once. */
export interface CheckedSettings {
  readonly spec: SettingsSpec;
  readonly adminPassword: string;
}

/**
 * Checks all settings of a stack.
 *
 * @throws FileErrors with every error, each as `Pulumi.prod.yaml: b2b-tenants:network.vpcId: what is wrong`.
 */
export function checkSettings(raw: RawSettings): CheckedSettings {
  const errors = [...passwordErrors(raw), ...regionErrors(raw)];
  const written = ownSettings(raw);
  const parsed = settingsSchema.safeParse(written);
  if (!parsed.success) {
    errors.push(...schemaErrors(parsed.error.issues, written, settingsSchema, NAMESPACE).map(({ message }) => message));
  }
  const file = `Pulumi.${raw.stack}.yaml`;
  const told = errors.map((error) => `${file}: ${error}`);
  if (raw.folder !== undefined) {
    const byFullKey = Object.fromEntries(Object.entries(written).map(([key, value]) => [`${NAMESPACE}${key}`, value]));
    told.push(...placeholderErrors(byFullKey, file, join(raw.folder, file)));
  }
  if (told.length > 0 || !parsed.success) throw new FileErrors(told);
  const { limits, ...rest } = parsed.data;
  const { defaults, ...capacity } = limits;
  return {
    spec: { ...rest, limits: { ...defaults, ...capacity }, aws: { region: raw.config[REGION_KEY] ?? "" } },
    adminPassword: raw.config[PASSWORD_KEY] || raw.environmentPassword || "",
  };
}

function ownSettings({ config }: RawSettings): Record<string, unknown> {
  const entries = Object.entries(config).filter(([key]) => key.startsWith(NAMESPACE) && key !== PASSWORD_KEY);
  return Object.fromEntries(
    entries.map(([fullKey, text]) => {
      const key = fullKey.slice(NAMESPACE.length);
      return [key, TEXTS.has(key) ? text : structured(text)];
    }),
  );
}

/** A text that is no JSON is left as it is, for the schema to refuse. */
function structured(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Errors that speak of the password without ever showing it. */
function passwordErrors({ stack, config, isSecret, environmentPassword }: RawSettings): string[] {
  const command = `npx pulumi config set --secret ${PASSWORD_KEY} --stack ${stack}`;
  if (config[PASSWORD_KEY]) {
    if (isSecret(PASSWORD_KEY)) return [];
    return [`'${PASSWORD_KEY}' must be encrypted, got plain text; change the password of the admin, then: ${command}`];
  }
  if (environmentPassword) return [];
  return [
    `'${PASSWORD_KEY}' is missing, and so is PGPASSWORD in the environment; allowed: one of them. To set it: ${command}`,
  ];
}

function regionErrors({ config }: RawSettings): string[] {
  const region = config[REGION_KEY];
  if (region !== undefined && /^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$/.test(region)) return [];
  const allowed = "must be an AWS region, for example us-east-1";
  return [
    region === undefined
      ? `'${REGION_KEY}' is missing; it ${allowed}`
      : `'${REGION_KEY}' ${allowed}, got ${describedValue(region)}`,
  ];
}
