import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";

const ITERATIONS = 1_000_000;
const KEY_BYTES = 32;
const SALT_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What a salt's own ciphertext decrypts to when the passphrase is right. */
const VERIFICATION_TEXT = "pulumi";

/**
 * Pulumi's passphrase secrets provider: AES-256-GCM under a key derived from the passphrase with PBKDF2-SHA256. A state
 * written here can be read by `pulumi stack import` with the same passphrase, and the other way round.
 */
export class PassphraseSecrets {
  private constructor(
    private readonly key: Buffer,
    /** `v1:<salt>:<verification ciphertext>`, as it stands in the state's `secrets_providers`. */
    readonly salt: string,
  ) {}

  static create(passphrase: string): PassphraseSecrets {
    const salt = salts.get(passphrase) ?? randomBytes(SALT_BYTES);
    salts.set(passphrase, salt);
    const key = deriveKey(passphrase, salt);
    return new PassphraseSecrets(key, `v1:${salt.toString("base64")}:${encryptWith(key, VERIFICATION_TEXT)}`);
  }

  /** @throws Error when the passphrase is not the one that the salt was made with. */
  static open(passphrase: string, salt: string): PassphraseSecrets {
    const [version, encoded, ...verification] = salt.split(":");
    if (version !== "v1" || encoded === undefined) {
      throw new Error(`the state's secrets salt has version "${version}"; only "v1" is known`);
    }
    const key = deriveKey(passphrase, Buffer.from(encoded, "base64"));
    try {
      decryptWith(key, verification.join(":"));
    } catch {
      throw new Error("the passphrase does not open this state's secrets");
    }
    return new PassphraseSecrets(key, salt);
  }

  encrypt(clear: string): string {
    return encryptWith(this.key, clear);
  }

  decrypt(ciphertext: string): string {
    return decryptWith(this.key, ciphertext);
  }
}

/** By salt and passphrase. To derive one takes a good part of a second, by intention, and a process opens one state often. */
const derived = new Map<string, Buffer>();
/** By passphrase: the states that this process begins with one share its key, of which each secret has a nonce of its own. */
const salts = new Map<string, Buffer>();

function deriveKey(passphrase: string, salt: Buffer): Buffer {
  const name = `${salt.toString("base64")} ${passphrase}`;
  const key = derived.get(name) ?? pbkdf2Sync(passphrase, salt, ITERATIONS, KEY_BYTES, "sha256");
  derived.set(name, key);
  return key;
}

function encryptWith(key: Buffer, clear: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(clear, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

function decryptWith(key: Buffer, ciphertext: string): string {
  const [version, nonce, sealed] = ciphertext.split(":");
  if (version !== "v1" || nonce === undefined || sealed === undefined) {
    throw new Error("a secret in the state is not in the v1 form");
  }
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  return decipher.update(bytes.subarray(0, bytes.length - TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
}
