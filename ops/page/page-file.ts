import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorMessage } from "../../database/error-message";
import { printable } from "../../domain/printable";
import { type PageData, parsePageData } from "./page-data";

/** Writes a page, whole or not at all, for its writer's eyes alone: it says where tenants leak. */
export async function writePageFile(file: string, text: string): Promise<void> {
  const partial = join(dirname(file), `.${basename(file)}.${randomUUID()}.partial`);
  try {
    await writeFile(partial, text, { mode: 0o600, flag: "wx" });
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw new Error(`cannot write ${printable(file)}: ${errorMessage(error)}`);
  }
}

/** The data of the page that `--since` names. @throws Error when it is none. */
export function readPageData(file: string): PageData {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`cannot read the page ${printable(file)}: ${errorMessage(error)}`);
  }
  return parsePageData(text, printable(file));
}
