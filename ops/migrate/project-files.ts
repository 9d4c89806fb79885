import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { INIT_SCRIPT } from "../../database/init-script";
import type { InitScript } from "../../database/migrations/ledger";
import { type MigrationFile, migrationFiles } from "../../database/migrations/migration-files";
import type { SettingsSpec } from "../../domain/settings-spec";
import { PROJECT_DIR } from "../stack/pulumi-cli";

/** The SQL files of this checkout that make and change tenants' tables. */
export interface ProjectFiles {
  readonly files: readonly MigrationFile[];
  readonly script: InitScript;
}

/** @throws FileErrors when the migrations are not right. */
export async function projectFiles({ migrations }: SettingsSpec): Promise<ProjectFiles> {
  const files = migrationFiles(migrations.folder, PROJECT_DIR);
  const bytes = await readFile(join(PROJECT_DIR, INIT_SCRIPT));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { files, script: { name: basename(INIT_SCRIPT, ".sql"), sha256 } };
}
