import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** The SQL file with the tables of every tenant, relative to the project folder. */
export const INIT_SCRIPT = "sql/tenant_init.sql";

/** The script that comes before the first migration. */
export interface InitScript {
  /** `tenant_init` */
  readonly name: string;
  readonly sha256: string;
}

/** @param root The project folder. */
export async function readInitScript(root: string = process.cwd()): Promise<InitScript> {
  const bytes = readFileSync(join(root, INIT_SCRIPT));
  return { name: basename(INIT_SCRIPT, ".sql"), sha256: createHash("sha256").update(bytes).digest("hex") };
}
