import { cpSync, symlinkSync } from "node:fs";
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

/** Copies the project into a folder, for a test that changes it; what npm installed is shared. */
export function copyProject(folder: string): void {
  for (const part of PARTS) {
    cpSync(join(PROJECT_DIR, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(PROJECT_DIR, "node_modules"), join(folder, "node_modules"));
}
