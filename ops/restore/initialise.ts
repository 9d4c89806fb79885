import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { create } from "../../components/dynamic/sql-script-run";
import { INIT_SCRIPT } from "../../database/init-script";
import { PROJECT_DIR } from "../stack/pulumi-cli";
import type { TargetTenant } from "./find-target";

/** The file with the tables of every tenant, as it is now. */
export interface InitScript {
  readonly file: string;
  readonly sha256: string;
}

/** Read before anything is written, so that it is not found missing afterwards. */
export async function initScript(): Promise<InitScript> {
  const path = join(PROJECT_DIR, INIT_SCRIPT);
  const sha256 = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  return { file: relative(process.cwd(), path), sha256 };
}

/**
 * Does what `up` does in a new tenant's schema: makes the tables and columns that are missing there, and leaves the program's
 * marker. The rows that are there stay.
 */
export async function initialise({ slug, schema, login }: TargetTenant, script: InitScript): Promise<void> {
  // What is there came out of a backup of this program's.
  await create({ tenant: slug, schema, ...login, ...script, adopt: true });
}
