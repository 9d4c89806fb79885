import { readFileSync } from "node:fs";
import { STACK_PATTERN } from "../../domain/names";
import { printable } from "../../domain/printable";
import { UsageError } from "../../domain/usage-error";
import { typedPath } from "../typed-path";
import { byTenant, type StackPreview, stackOf } from "./by-tenant";
import { violationsIn } from "./event-log";
import type { Source } from "./options";
import { type PreviewDigest, parsePreviewDigest } from "./preview-digest";

/**
 * Reads the previews in the order they were named, each with its event log.
 *
 * @throws UsageError for what cannot be read, or is of another stack.
 */
export function readPreviews(sources: readonly Source[], logs: readonly Source[] = []): StackPreview[] {
  const digests = sources.map(readDigest);
  const stacks = digests.map(({ stack }) => stack);
  const twice = repeated(stacks);
  if (twice !== undefined) throw new UsageError(`there are two previews of stack ${twice}: give one of each stack`);
  const logOf = logsByStack(logs, stacks);
  return digests.map(({ stack, digest }) => {
    const log = logOf.get(stack);
    return byTenant(stack, digest, log === undefined ? [] : violationsIn(inputText(log), inputName(log)));
  });
}

/** How an input is named in errors. */
export function inputName(file: string): string {
  return file === "-" ? "standard input" : printable(file);
}

/** @param file A path, or "-" for standard input. @throws UsageError when it cannot be read. */
export function inputText(file: string): string {
  try {
    // `npm run` starts the command in the project folder, wherever it was typed.
    return readFileSync(file === "-" ? 0 : typedPath(file), "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new UsageError(`${inputName(file)} cannot be read: ${code === "ENOENT" ? "there is no such file" : code}`);
  }
}

function readDigest({ stack, file }: Source): { readonly stack: string; readonly digest: PreviewDigest } {
  const name = inputName(file);
  const digest = parsePreviewDigest(inputText(file), name);
  const known = stackOf(digest) ?? stack;
  if (known === undefined) throw new UsageError(`${name} names no stack: name it, as STACK=${name}`);
  if (!STACK_PATTERN.test(known)) throw new UsageError(`${name} is of a stack with a name that Pulumi does not allow`);
  if (stack !== undefined && stack !== known)
    throw new UsageError(`${name} is a preview of stack ${known}, not of ${stack}`);
  return { stack: known, digest };
}

/** An event log need not name its stack: the command line does, or there is only one. */
function logsByStack(logs: readonly Source[], stacks: readonly string[]): Map<string, string> {
  const named = logs.map(({ stack, file }) => {
    const of = stack ?? (stacks.length === 1 ? stacks[0] : undefined);
    if (of === undefined) {
      throw new UsageError(`--event-log ${inputName(file)} names no stack: name it, as STACK=${inputName(file)}`);
    }
    if (!stacks.includes(of))
      throw new UsageError(`--event-log ${of}=${inputName(file)}: there is no preview of ${of}`);
    return [of, file] as const;
  });
  const twice = repeated(named.map(([stack]) => stack));
  if (twice !== undefined) throw new UsageError(`there are two event logs of stack ${twice}: give one of each stack`);
  return new Map(named);
}

function repeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) < index);
}
