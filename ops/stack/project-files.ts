import { type InitScript, readInitScript } from "../../database/init-script";
import { type MigrationFile, migrationFiles } from "../../database/migrations/migration-files";
import type { SettingsSpec } from "../../domain/settings-spec";
import { PROJECT_DIR } from "./pulumi-cli";

/** The SQL files of this checkout that make and change tenants' tables. */
export interface ProjectFiles {
  readonly files: readonly MigrationFile[];
  readonly script: InitScript;
}

/** @throws FileErrors when the migrations are not right. */
export async function projectFiles({ migrations }: SettingsSpec): Promise<ProjectFiles> {
  return { files: migrationFiles(migrations.folder, PROJECT_DIR), script: await readInitScript(PROJECT_DIR) };
}
