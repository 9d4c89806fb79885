import { resolve } from "node:path";
import { migrationFiles } from "../../database/migrations/migration-files";
import { loadTenants } from "../../domain/load-tenants";
import { checkSettings } from "../../domain/settings-file";
import type { SettingsSpec } from "../../domain/settings-spec";
import { Home } from "./home";
import { fromWhereItWasTyped, PROJECT_DIR } from "./places";
import type { SessionOptions } from "./session-options";
import { ofOwnDatabase, readStackFile, type StackFile, section, stackConfig } from "./stack-config";

/** A stack whose settings and tenant files are right. */
export interface CheckedStack {
  readonly args: SessionOptions;
  readonly file: StackFile;
  readonly tenantsDir: string;
  readonly migrationsDir: string;
  readonly environment: string;
  readonly network: SettingsSpec["network"];
}

/**
 * The folder of tenant files that the arguments, or else the stack's settings, name; absolute. A stack that has its own database here has
 * also a folder of its own beside that one.
 */
export function tenantsFolder(args: SessionOptions, home = new Home(fromWhereItWasTyped(args.home))): string {
  const { values } = readStackFile(PROJECT_DIR, args.stack);
  const named = resolve(PROJECT_DIR, String(values["b2b-tenants:tenantsDir"] ?? "tenants"));
  const folder = args.tenants === undefined ? named : fromWhereItWasTyped(args.tenants);
  return home.ownDatabase(args.stack) === undefined ? folder : `${folder}-${args.stack}`;
}

/** The folder of migrations that the arguments, or else the stack's settings, name; absolute. */
export function migrationsFolder(args: SessionOptions): string {
  if (args.migrations !== undefined) return fromWhereItWasTyped(args.migrations);
  const { folder } = section(readStackFile(PROJECT_DIR, args.stack), "b2b-tenants:migrations");
  return resolve(PROJECT_DIR, String(folder ?? "sql/migrations"));
}

/**
 * What is wrong with the files is told before minutes are spent on servers.
 *
 * @throws FileErrors when the settings or the tenant files are not right.
 */
export function checkedStack(args: SessionOptions, home: Home): CheckedStack {
  const { stack, migrations } = args;
  const read = readStackFile(PROJECT_DIR, stack);
  const file = home.ownDatabase(stack) === undefined ? read : ofOwnDatabase(read, stack);
  const tenantsDir = tenantsFolder(args, home);
  const folder = migrations === undefined ? {} : { folder: fromWhereItWasTyped(migrations) };
  const { values } = stackConfig(
    file,
    {
      "b2b-tenants:tenantsDir": tenantsDir,
      "b2b-tenants:migrations": { ...section(file, "b2b-tenants:migrations"), ...folder },
    },
    { "b2b-tenants:adminPassword": "unused" },
  );
  const { spec } = checkSettings({ stack, config: values, isSecret: () => true, environmentPassword: undefined });
  loadTenants(tenantsDir, { stack, ...spec });
  migrationFiles(spec.migrations.folder, PROJECT_DIR);
  const { environment, network } = spec;
  return { args, file, tenantsDir, migrationsDir: spec.migrations.folder, environment, network };
}
