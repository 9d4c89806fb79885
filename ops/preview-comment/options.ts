import { STACK_PATTERN } from "../../domain/names";
import { printable } from "../../domain/printable";
import { UsageError } from "../../domain/usage-error";
import type { Place } from "./errors";
import type { Missing } from "./without-preview";

/** One preview to read. */
export interface Source {
  /** Undefined when the preview itself says which stack it belongs to. */
  readonly stack: string | undefined;
  /** A path, or "-" for standard input. */
  readonly file: string;
}

export interface PreviewCommentOptions {
  readonly sources: readonly Source[];
  /** Event logs of the same previews. */
  readonly logs: readonly Source[];
  readonly place: Place | undefined;
  readonly missing: Missing;
}

/** What the command line makes of this command's options. */
export interface PreviewCommentValues {
  readonly eventLog?: readonly string[];
  /** Files, as `inputText` reads them. */
  readonly findings?: readonly string[];
  readonly repository?: string;
  readonly commit?: string;
  readonly missing?: readonly string[];
  readonly run?: string;
  readonly gone?: readonly string[];
}

/** @throws UsageError */
export function previewCommentOptions(values: PreviewCommentValues, files: readonly string[]): PreviewCommentOptions {
  const missing = missingOf(values);
  const named = files.length > 0 || missing.stacks.length + missing.gone.length > 0 ? files : ["-"];
  const sources = named.map(sourceOf);
  const logs = (values.eventLog ?? []).map(sourceOf);
  if ([...sources, ...logs].filter(({ file }) => file === "-").length > 1)
    throw new UsageError('"-" is standard input, which can be read only once');
  return { sources, logs, place: placeOf(values.repository, values.commit), missing };
}

/** `STACK=FILE` or `FILE`. A file whose own name looks like the first is written `./a=b.json`. */
function sourceOf(text: string): Source {
  const [, stack, file] = /^([^=/]*)=(.*)$/s.exec(text) ?? [];
  if (stack === undefined || file === undefined) return { stack: undefined, file: text };
  if (!STACK_PATTERN.test(stack))
    throw new UsageError(`${quotedText(text)}: write STACK=FILE, with the name of a stack`);
  if (file === "") throw new UsageError(`${quotedText(text)}: write STACK=FILE, with a file`);
  return { stack, file };
}

function missingOf({ missing: stacks = [], run, gone = [] }: PreviewCommentValues): Missing {
  for (const [option, names] of Object.entries({ missing: stacks, gone })) {
    const odd = names.find((stack) => !STACK_PATTERN.test(stack));
    if (odd !== undefined) throw new UsageError(`--${option} ${quotedText(odd)}: write the name of a stack`);
  }
  if (run !== undefined && !/^https:\/\/[\w.:/-]+$/.test(run)) {
    throw new UsageError(`--run ${quotedText(run)}: write the address of the run, for example https://HOST/PATH`);
  }
  return { stacks, run, gone };
}

function placeOf(repository: string | undefined, commit: string | undefined): Place | undefined {
  if (commit !== undefined && !/^[0-9a-f]{7,64}$/.test(commit)) {
    throw new UsageError(`--commit ${quotedText(commit)}: write the commit's hexadecimal name`);
  }
  if (repository === undefined) return commit === undefined ? undefined : { commit, repository };
  if (commit === undefined) throw new UsageError("--repository makes links with --commit alone: give both");
  const [, server = "https://github.com/", name] = /^(https:\/\/[\w.:-]+\/)?([\w.-]+\/[\w.-]+)$/.exec(repository) ?? [];
  if (name === undefined) {
    throw new UsageError(`--repository ${quotedText(repository)}: write OWNER/NAME, or https://HOST/OWNER/NAME`);
  }
  return { repository: `${server}${name}`, commit };
}

function quotedText(text: string): string {
  return printable(JSON.stringify(text));
}
