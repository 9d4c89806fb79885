import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { version as sdkVersion } from "@pulumi/pulumi/version";
import { errorMessage } from "../../database/error-message";
import {
  isSecret,
  mapChildren,
  type PropertyValue,
  SECRET_SIGNATURE,
  SIGNATURE_KEY,
} from "../protocol/property-values";
import { PassphraseSecrets } from "./passphrase";
import { type DeploymentState, type PendingOperation, type ResourceState, refuseUnknownFields } from "./state";

const FILE_MODE = 0o600;
const BETWEEN = Buffer.from(",\n");

/**
 * A stack's state in one file, in the format of `pulumi stack export`: `{version: 3, deployment: {...}}`. Every write is a
 * whole new file renamed into place, so the file is valid at any moment; callers that save at once share one write.
 */
export class StateFile {
  private written: Promise<void> = Promise.resolve();
  private scheduled: Promise<void> | undefined;
  private current: () => DeploymentState = () => ({ resources: [], pendingOperations: [] });
  private readonly serialized = new WeakMap<ResourceState, Buffer>();

  private constructor(
    readonly path: string,
    private readonly secrets: PassphraseSecrets,
    readonly initial: DeploymentState,
  ) {}

  /** Opens the file at `path`, or prepares a new one when there is none. */
  static async open(path: string, passphrase: string): Promise<StateFile> {
    if (!existsSync(path)) {
      await mkdir(dirname(path), { recursive: true });
      return new StateFile(path, PassphraseSecrets.create(passphrase), { resources: [], pendingOperations: [] });
    }
    return StateFile.read(path, passphrase, await readFile(path, "utf8"));
  }

  /** Puts an exported state, edited or not, in the place of the one at `path`; one that could not be read back is refused. */
  static async replace(path: string, passphrase: string, text: string): Promise<void> {
    const file = StateFile.read(path, passphrase, text);
    file.follow(() => file.initial);
    await file.save();
  }

  private static read(path: string, passphrase: string, text: string): StateFile {
    const { version, deployment } = parsed(path, text);
    if (version !== 3) throw new Error(`${path}: a deployment of version ${version}; this engine reads version 3`);
    const provider = deployment.secrets_providers;
    if (provider?.type !== "passphrase") {
      throw new Error(`${path}: secrets of provider "${provider?.type}"; this engine reads "passphrase"`);
    }
    const secrets = PassphraseSecrets.open(passphrase, provider.state.salt);
    const texts = new Map<ResourceState, Buffer>();
    const read = (stored: object) => {
      refuseUnknownFields(stored);
      const resource = decryptSecrets(stored as PropertyValue, secrets) as unknown as ResourceState;
      texts.set(resource, Buffer.from(JSON.stringify(stored)));
      return resource;
    };
    const file = new StateFile(path, secrets, {
      resources: (deployment.resources ?? []).map(read),
      pendingOperations: (deployment.pending_operations ?? []).map((operation: PendingOperation) => ({
        type: operation.type,
        resource: read(operation.resource),
      })),
    });
    for (const [resource, text] of texts) file.serialized.set(resource, text);
    return file;
  }

  /** Names the source of what later saves write. */
  follow(current: () => DeploymentState): void {
    this.current = current;
  }

  /** Resolves when a write that began after this call is on disk. */
  save(): Promise<void> {
    if (this.scheduled === undefined) {
      this.scheduled = this.written
        .catch(() => undefined)
        .then(() => {
          this.scheduled = undefined;
          this.written = this.write();
          return this.written;
        });
    }
    return this.scheduled;
  }

  private async write(): Promise<void> {
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      await writeFile(temporary, this.render(this.current()), { mode: FILE_MODE });
      await rename(temporary, this.path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      const reason = (error as NodeJS.ErrnoException).code === "ENOSPC" ? "the disk is full" : errorMessage(error);
      throw new Error(
        `the state could not be saved to ${this.path}: ${reason}. The file there is whole, as of the step before; ` +
          "make room and run the same command again",
      );
    }
  }

  private render(state: DeploymentState): Buffer {
    const engine = `v${sdkVersion}`;
    const head = {
      manifest: {
        time: new Date().toISOString(),
        magic: createHash("sha256").update(engine).digest("hex"),
        version: engine,
      },
      secrets_providers: { type: "passphrase", state: { salt: this.secrets.salt } },
    };
    const resources = state.resources.map((resource) => this.serialize(resource));
    const pending = state.pendingOperations.map(({ type, resource }) =>
      Buffer.concat([
        Buffer.from('{"resource":'),
        this.serialize(resource),
        Buffer.from(`,"type":${JSON.stringify(type)}}`),
      ]),
    );
    return Buffer.concat([
      Buffer.from(`{"version":3,"deployment":{${JSON.stringify(head).slice(1, -1)},\n`),
      ...list("resources", resources),
      ...(pending.length > 0 ? list("pending_operations", pending) : []),
      Buffer.from('"metadata":{}}}\n'),
    ]);
  }

  /** Writes `next` as `old` was written, the very ciphertexts of its secrets included: the two are equal. */
  writeAlike(old: ResourceState, next: ResourceState): void {
    const text = this.serialized.get(old);
    if (text !== undefined) this.serialized.set(next, text);
  }

  /** Resource states are never changed in place, so each is rendered to bytes, and its secrets are encrypted, once. */
  private serialize(resource: ResourceState): Buffer {
    let text = this.serialized.get(resource);
    if (text === undefined) {
      text = Buffer.from(JSON.stringify(encryptSecrets(resource as unknown as PropertyValue, this.secrets)));
      this.serialized.set(resource, text);
    }
    return text;
  }
}

/** A property that holds a list, for other properties to follow. */
function list(name: string, items: readonly Buffer[]): Buffer[] {
  const separated = items.flatMap((item, index) => (index === 0 ? [item] : [BETWEEN, item]));
  return [Buffer.from(`"${name}":[`), ...separated, Buffer.from("],\n")];
}

function parsed(path: string, text: string) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path}: the state is damaged, it is no JSON: ${(error as Error).message}`);
  }
}

function encryptSecrets(value: PropertyValue, secrets: PassphraseSecrets): PropertyValue {
  if (isSecret(value)) {
    const clear = JSON.stringify(value.value ?? null);
    return { [SIGNATURE_KEY]: SECRET_SIGNATURE, ciphertext: secrets.encrypt(clear) };
  }
  return mapChildren(value, (item) => encryptSecrets(item, secrets));
}

function decryptSecrets(value: PropertyValue, secrets: PassphraseSecrets): PropertyValue {
  if (isSecret(value)) {
    const clear = secrets.decrypt(String(value.ciphertext));
    return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value: JSON.parse(clear) };
  }
  return mapChildren(value, (item) => decryptSecrets(item, secrets));
}
