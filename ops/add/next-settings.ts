import { stringify } from "yaml";
import { parseSettings } from "../../domain/settings-text";

/** What a stack's settings file says of its encryption: a passphrase's salt, or a key service and the key that it keeps. */
interface Encryption {
  readonly secretsprovider?: string;
  readonly encryptionsalt?: string;
  readonly encryptedkey?: string;
}

/** The settings file of a new stack. */
export interface NextSettings {
  readonly text: string;
  /** Full keys of encrypted settings that could not be copied. */
  readonly missing: readonly string[];
  /** The key service that the stack is to be made with; undefined: the passphrase, or the backend's own encryption. */
  readonly secretsProvider: string | undefined;
  /** Whether the passphrase of the model opens what was copied. */
  readonly samePassphrase: boolean;
}

/**
 * The settings of a new stack, which are those of another one, apart from what only the fleet stack has. What is encrypted with the
 * other one's passphrase or key is copied together with its salt or key; what Pulumi Cloud has encrypted it opens for that stack alone.
 *
 * @param model Name of the file that `text` is from.
 */
export function nextSettings(model: string, text: string, room: number): NextSettings {
  const { config, ...rest } = parseSettings(text, model) as { config: Record<string, unknown> } & Encryption;
  const { secretsprovider, encryptionsalt, encryptedkey } = rest;
  const encryption = Object.fromEntries(
    Object.entries({ secretsprovider, encryptionsalt, encryptedkey }).filter(([, value]) => value !== undefined),
  );
  const canCopy = encryptionsalt !== undefined || encryptedkey !== undefined;
  const missing = canCopy ? [] : Object.keys(config).filter((key) => isEncrypted(config[key]));
  const copied = Object.entries(config).filter(([key]) => !missing.includes(key));
  const own = { "b2b-tenants:fleet": false, "b2b-tenants:room": room };
  const settings = { ...encryption, config: { ...Object.fromEntries(copied), ...own } };
  return {
    text: `# A stack of the fleet, for the tenants that name it. Its settings are those of ${model}, which explains them.\n${stringify(settings)}`,
    missing,
    secretsProvider: encryptedkey === undefined ? undefined : secretsprovider,
    samePassphrase: encryptionsalt !== undefined,
  };
}

/** A setting may hold secrets at any depth. */
function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(isEncrypted);
}
