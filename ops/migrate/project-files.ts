import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { INIT_SCRIPT } from "../../database/init-script";
import type { InitScript } from "../../database/migrations/ledger";
import { MIGRATIONS_DIR, type MigrationFile, migrationFiles } from "../../database/migrations/migration-files";
import { PROJECT_DIR } from "../stack/pulumi-cli";

/** The SQL files of this checkout. */
export interface ProjectFiles {
  readonly files: readonly MigrationFile[];
  readonly script: InitScript;
}

/** @throws FileErrors when the migrations are not right. */
export async function projectFiles(): Promise<ProjectFiles> {
  const files = migrationFiles(MIGRATIONS_DIR, PROJECT_DIR);
  const bytes = await readFile(join(PROJECT_DIR, INIT_SCRIPT));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { files, script: { name: basename(INIT_SCRIPT, ".sql"), sha256 } };
}
