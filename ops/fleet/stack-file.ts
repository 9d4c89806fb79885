import { posix } from "node:path";
import { ENVIRONMENT_PATTERN, STACK_PATTERN } from "../../domain/names";
import { parseSettings } from "../../domain/settings-text";

/** What a stack's settings say of the question which tenants are its own, and which may become so. */
export interface StackFile {
  readonly stack: string;
  /** As `Pulumi.prod.yaml`. */
  readonly file: string;
  readonly fleet: boolean;
  /** Undefined where the file says nothing that the program would take. */
  readonly environment?: string | undefined;
  /** How many tenants the setting `room` says that it takes; undefined where it says nothing. */
  readonly room?: number | undefined;
  /** Folder of its tenant files, as Git writes paths: `tenants`. */
  readonly tenantsDir: string;
}

/** The order to name stacks in: `prod-9` before `prod-10`. */
export function byName(a: StackFile, b: StackFile): number {
  return a.stack.localeCompare(b.stack, "en", { numeric: true });
}

/** The stack whose settings a file of the project's folder holds; undefined if it is no such file. */
export function stackOfFile(path: string): string | undefined {
  const stack = /^Pulumi\.(.+)\.yaml$/.exec(path)?.[1];
  return stack !== undefined && STACK_PATTERN.test(stack) ? stack : undefined;
}

/** Reads some of a stack's settings, or gives undefined for what is no settings file. The program checks all of them. */
export function readStackFile(stack: string, file: string, text: string): StackFile | undefined {
  const config = mapping(mapping(parsed(text, file))?.config);
  if (config === undefined) return undefined;
  const folder = config["b2b-tenants:tenantsDir"];
  const room = config["b2b-tenants:room"];
  const environment = String(config["b2b-tenants:environment"] ?? "");
  // The program refuses it too; here it would end up in what a workflow reads line by line.
  if (/\p{C}/u.test(String(folder))) return undefined;
  return {
    stack,
    file,
    // The CLI writes what it sets as a text.
    fleet: String(config["b2b-tenants:fleet"]) === "true",
    environment: ENVIRONMENT_PATTERN.test(environment) ? environment : undefined,
    room: room === undefined ? undefined : Number(room) || 0,
    tenantsDir: posix.join(typeof folder === "string" ? folder : "tenants", ".").replace(/\/$/, ""),
  };
}

function parsed(text: string, file: string): unknown {
  try {
    return parseSettings(text, file);
  } catch {
    return undefined;
  }
}

function mapping(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
