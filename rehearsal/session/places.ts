/** Where the project is, and what relative paths mean. */
import { join, resolve } from "node:path";

export const PROJECT_DIR = join(__dirname, "..", "..");

/** npm runs scripts in the project's folder; a relative path means the folder that the person was in. */
export function fromWhereItWasTyped(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}
