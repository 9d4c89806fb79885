import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { printable } from "../../domain/printable";
import { UsageError } from "../../domain/usage-error";

/** How an input is named in errors. */
export function inputName(file: string): string {
  return file === "-" ? "standard input" : printable(file);
}

/** @param file A path, or "-" for what comes in. @throws UsageError when it cannot be read. */
export function inputText(file: string): string {
  try {
    // `npm run` starts the command in the project folder, wherever it was typed.
    return readFileSync(file === "-" ? 0 : resolve(process.env.INIT_CWD ?? process.cwd(), file), "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new UsageError(`${inputName(file)} cannot be read: ${code === "ENOENT" ? "there is no such file" : code}`);
  }
}
