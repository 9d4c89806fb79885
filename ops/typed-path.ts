import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errorMessage } from "../database/error-message";
import { printable } from "../domain/printable";

/** A path that a person typed: relative to the folder that they are in, while npm changes into the project's. */
export function typedPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** The path of a file to write that a person typed, if one was. @throws Error when none can be written there. */
export function writableFile(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const file = typedPath(path);
  assertWritable(file);
  return file;
}

/** @throws Error when no file can be written there: better before the work than after it. */
export function assertWritable(file: string): void {
  const folder = dirname(file);
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new Error("it is a folder");
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new Error(`cannot write ${printable(file)}: ${errorMessage(error)}; name a file in a folder that is there`);
  }
}
