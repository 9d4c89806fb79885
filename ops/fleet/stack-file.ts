import { posix } from "node:path";
import { MIGRATIONS_FOLDER } from "../../domain/migration-fields";
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
  /** Folder of its migrations, as its settings have it; undefined where they name none. */
  readonly migrationsFolder?: string | undefined;
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
  const migrationsFolder = mapping(structured(config["b2b-tenants:migrations"]))?.folder;
  if ([folder, migrationsFolder].some((path) => /\p{C}/u.test(String(path)))) return undefined;
  return {
    stack,
    file,
    // The CLI writes what it sets as a text.
    fleet: String(config["b2b-tenants:fleet"]) === "true",
    environment: ENVIRONMENT_PATTERN.test(environment) ? environment : undefined,
    room: room === undefined ? undefined : Number(room) || 0,
    tenantsDir: asGitWrites(typeof folder === "string" ? folder : "tenants"),
    ...(typeof migrationsFolder === "string" ? { migrationsFolder } : {}),
  };
}

/** Folder of a stack's migrations, as Git writes paths; absolute where the settings name it so. */
export function migrationsDir({ migrationsFolder = MIGRATIONS_FOLDER }: StackFile): string {
  return asGitWrites(migrationsFolder);
}

function asGitWrites(folder: string): string {
  return posix.join(folder, ".").replace(/\/$/, "");
}

/** The CLI writes what it sets as a text, which is JSON where it has structure. */
function structured(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
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
