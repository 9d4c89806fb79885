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

/** The data of the page that `--since` names. @throws Error when it is none of this fleet, or has no sizes. */
export function readPageData(file: string, fleet: Pick<PageData, "stack" | "database">): PageData {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`cannot read the page ${printable(file)}: ${errorMessage(error)}`);
  }
  const place = printable(file);
  const data = parsePageData(text, place);
  if (data.stack !== fleet.stack || data.database !== fleet.database) {
    throw new Error(`${place} is of ${nameOf(data)}, and this is ${nameOf(fleet)}: compare pages of one fleet`);
  }
  if (data.tenants === null) {
    throw new Error(`${place} is the proof alone: name a page that \`report --html\` wrote, which has sizes`);
  }
  return data;
}

function nameOf({ stack, database }: Pick<PageData, "stack" | "database">): string {
  return printable(`stack ${stack}, database ${database}`);
}
