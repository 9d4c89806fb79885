import * as pulumi from "@pulumi/pulumi";
import { FileErrors } from "./domain/file-errors";
import { type CheckedSettings, checkSettings } from "./domain/settings-file";
import type { SettingsSpec } from "./domain/settings-spec";

/** What a stack is configured with. */
export interface Settings {
  readonly spec: SettingsSpec;
  /** Password of `spec.database.adminUser`; always a secret. */
  readonly adminPassword: pulumi.Output<string>;
}

/**
 * The settings of the stack that is being deployed. Nothing else reads the stack's configuration.
 *
 * @throws pulumi.RunError that lists every error of the stack's file, for people to read without a stack trace.
 */
export function readSettings(): Settings {
  const { spec, adminPassword } = checked();
  return { spec, adminPassword: pulumi.secret(adminPassword) };
}

function checked(): CheckedSettings {
  try {
    return checkSettings({
      stack: pulumi.getStack(),
      config: pulumi.runtime.allConfig(),
      isSecret: isKeptEncrypted,
      environmentPassword: process.env.PGPASSWORD,
      folder: __dirname,
    });
  } catch (error) {
    throw error instanceof FileErrors ? new pulumi.RunError(error.message) : error;
  }
}

/** The SDK knows, but does not say so in its types. Should a later one not know, nothing is refused for it. */
function isKeptEncrypted(key: string): boolean {
  const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (key: string) => boolean };
  return isConfigSecret?.(key) ?? true;
}
