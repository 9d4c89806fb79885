import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { STACK_PATTERN } from "../../domain/names";
import { printable } from "../../domain/printable";
import { UsageError } from "../usage-error";
import { byTenant, type StackPreview, stackOf } from "./by-tenant";
import type { Source } from "./options";
import { parsePreviewDigest } from "./preview-digest";

/** Reads the previews in the order they were named. @throws UsageError for one that cannot be read, or is of another stack. */
export function readPreviews(sources: readonly Source[]): StackPreview[] {
  const previews = sources.map(readPreview);
  const stacks = previews.map(({ stack }) => stack);
  const twice = stacks.find((stack, index) => stacks.indexOf(stack) < index);
  if (twice !== undefined) throw new UsageError(`two previews of stack ${twice}: one of each stack, please`);
  return previews;
}

function readPreview({ stack, file }: Source): StackPreview {
  const name = file === "-" ? "standard input" : printable(file);
  const digest = parsePreviewDigest(textOf(file, name), name);
  const said = stackOf(digest);
  const known = said ?? stack;
  if (known === undefined) throw new UsageError(`${name} names no stack: say which it is of, as STACK=${name}`);
  if (!STACK_PATTERN.test(known)) throw new UsageError(`${name} is of a stack whose name Pulumi would not take`);
  if (stack !== undefined && stack !== known)
    throw new UsageError(`${name} is a preview of stack ${known}, not of ${stack}`);
  return byTenant(known, digest);
}

function textOf(file: string, name: string): string {
  try {
    // `npm run` starts the command in the project folder, wherever it was typed.
    return readFileSync(file === "-" ? 0 : resolve(process.env.INIT_CWD ?? process.cwd(), file), "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new UsageError(`${name} cannot be read: ${code === "ENOENT" ? "there is no such file" : code}`);
  }
}
