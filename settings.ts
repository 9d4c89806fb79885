import * as pulumi from "@pulumi/pulumi";
import { FaultsError } from "./domain/fault";
import { checkSettings } from "./domain/settings-file";
import type { SettingsSpec } from "./domain/settings-spec";

/** What a stack is configured with. */
export interface Settings {
  readonly spec: SettingsSpec;
  /** Password of `spec.database.adminUser`; always a secret. */
  readonly adminPassword: pulumi.Output<string>;
}

/**
 * The settings of the stack that is being deployed.
 *
 * @throws pulumi.RunError that lists every fault of the stack's file.
 */
export function readSettings(): Settings {
  return orRunError(() => {
    const { spec, adminPassword } = checkSettings({
      stack: pulumi.getStack(),
      config: pulumi.runtime.allConfig(),
      isSecret: isKeptEncrypted,
      environmentPassword: process.env.PGPASSWORD,
    });
    return { spec, adminPassword: pulumi.secret(adminPassword) };
  });
}

/** Does the work; faults in what people wrote reach them as a message of their own, without the program's stack trace. */
export function orRunError<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof FaultsError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

/** The SDK knows, but does not say so in its types. Should a later one not know, nothing is refused for it. */
function isKeptEncrypted(key: string): boolean {
  const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (key: string) => boolean };
  return isConfigSecret?.(key) ?? true;
}
