import { STACK_PATTERN } from "../../domain/names";
import { UsageError } from "../../domain/usage-error";
import { byTenant, type StackPreview, stackOf } from "./by-tenant";
import { violationsIn } from "./event-log";
import { inputName, inputText } from "./input-text";
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
  if (twice !== undefined) throw new UsageError(`two previews of stack ${twice}: one of each stack, please`);
  const logOf = logsByStack(logs, stacks);
  return digests.map(({ stack, digest }) => {
    const log = logOf.get(stack);
    return byTenant(stack, digest, log === undefined ? [] : violationsIn(inputText(log), inputName(log)));
  });
}

function readDigest({ stack, file }: Source): { readonly stack: string; readonly digest: PreviewDigest } {
  const name = inputName(file);
  const digest = parsePreviewDigest(inputText(file), name);
  const known = stackOf(digest) ?? stack;
  if (known === undefined) throw new UsageError(`${name} names no stack: say which it is of, as STACK=${name}`);
  if (!STACK_PATTERN.test(known)) throw new UsageError(`${name} is of a stack whose name Pulumi would not take`);
  if (stack !== undefined && stack !== known)
    throw new UsageError(`${name} is a preview of stack ${known}, not of ${stack}`);
  return { stack: known, digest };
}

/** An event log does not say which stack it is of where it has nothing to tell: the command line does, or there is one stack. */
function logsByStack(logs: readonly Source[], stacks: readonly string[]): Map<string, string> {
  const named = logs.map(({ stack, file }) => {
    const of = stack ?? (stacks.length === 1 ? stacks[0] : undefined);
    if (of === undefined) {
      throw new UsageError(`--event-log ${inputName(file)}: say which stack it is of, as STACK=${inputName(file)}`);
    }
    if (!stacks.includes(of))
      throw new UsageError(`--event-log ${of}=${inputName(file)}: there is no preview of ${of}`);
    return [of, file] as const;
  });
  const twice = repeated(named.map(([stack]) => stack));
  if (twice !== undefined) throw new UsageError(`two event logs of stack ${twice}: one of each stack, please`);
  return new Map(named);
}

function repeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) < index);
}
