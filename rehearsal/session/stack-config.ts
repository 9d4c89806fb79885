import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSettings } from "../../domain/settings-text";
import { UsageError } from "../../domain/usage-error";
import type { StackConfig } from "../engine/providers";

/** The stack whose file stands in for a stack that has none. */
const MODEL_STACK = "prod";
const FLEET_KEY = "b2b-tenants:fleet";

/** What a stack is configured with, before the rehearsal's own settings are laid over it. */
export interface StackFile {
  readonly values: Readonly<Record<string, unknown>>;
  /** The file's name, for example `Pulumi.prod.yaml`. */
  readonly name: string;
}

/**
 * The configuration in `Pulumi.<stack>.yaml`. A stack that has no file, as one that holds a single tenant, is rehearsed with the
 * settings of `prod`, without what only the fleet stack declares.
 */
export function readStackFile(projectDir: string, stack: string): StackFile {
  const own = `Pulumi.${stack}.yaml`;
  if (existsSync(join(projectDir, own))) return { values: configOf(projectDir, own), name: own };
  const model = `Pulumi.${MODEL_STACK}.yaml`;
  if (!existsSync(join(projectDir, model))) {
    const files = readdirSync(projectDir).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
    throw new UsageError(`there is no ${own}; the stack files here are ${files.join(", ") || "none"}`);
  }
  return { values: { ...configOf(projectDir, model), [FLEET_KEY]: false }, name: model };
}

/** The settings of a stack that has a database of its own: it is that one's fleet stack, and its alarms are on that one. */
export function ofOwnDatabase(file: StackFile, stack: string): StackFile {
  const alarms = section(file, "b2b-tenants:alarms");
  const own = {
    ...(Object.keys(alarms).length > 0 ? { "b2b-tenants:alarms": { ...alarms, databaseInstance: stack } } : {}),
  };
  return { ...file, values: { ...file.values, [FLEET_KEY]: true, ...own } };
}

function configOf(projectDir: string, name: string): Record<string, unknown> {
  const file = parseSettings(readFileSync(join(projectDir, name), "utf8"), name) as { config?: unknown } | null;
  const config = file?.config ?? {};
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new UsageError(`${name}: "config" must be a mapping`);
  }
  return config as Record<string, unknown>;
}

/**
 * The configuration as Pulumi hands it to a program: texts, structured values as JSON. What the stack's file keeps encrypted
 * cannot be read here; it must be among the overrides, or it is an error that names the key.
 */
export function stackConfig(
  file: StackFile,
  overrides: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, string>>,
): StackConfig {
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries({ ...file.values, ...overrides, ...secrets })) {
    if (typeof value === "object" && value !== null && "secure" in value) {
      throw new UsageError(`${file.name}: ${key} is encrypted, and the rehearsal has no value of its own for it`);
    }
    if (value !== undefined && value !== null) {
      values[key] = typeof value === "object" ? JSON.stringify(value) : String(value);
    }
  }
  return { values, secretKeys: Object.keys(secrets) };
}

/** One structured setting of the file, or an empty mapping. */
export function section(file: StackFile, key: string): Record<string, unknown> {
  const value = file.values[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
