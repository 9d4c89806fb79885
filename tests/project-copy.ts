import { cpSync, existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const PROJECT_DIR = join(__dirname, "..");

/** All that a deployment or a rehearsal of the project reads. */
const PARTS = [
  "Pulumi.yaml",
  "Pulumi.prod.yaml",
  "package.json",
  "tsconfig.json",
  "index.ts",
  "settings.ts",
  "cli",
  "components",
  "database",
  "domain",
  "ops",
  "policy",
  "rehearsal",
  "sql",
  "tenants",
];

/**
 * Copies the project into a folder, for a test that changes it; what npm installed is shared.
 *
 * @param checkout Of an older commit, if not this one: it may have fewer parts.
 */
export function copyProject(folder: string, checkout = PROJECT_DIR): void {
  for (const part of PARTS) {
    const source = join(checkout, part);
    if (checkout === PROJECT_DIR || existsSync(source)) cpSync(source, join(folder, part), { recursive: true });
  }
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
}
