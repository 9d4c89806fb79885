import { parseCommandLine, type StackOptions } from "../../cli/command-line";
import { isSlug } from "../../domain/names";
import { printable } from "../../domain/printable";
import { REFERENCE_FORMATS, type ReferenceFormat } from "../../domain/quick-reference";
import { UsageError } from "../../domain/usage-error";

const DEFAULT_SECONDS = 5;
const MOST_SECONDS = 86_400;

/** What `npm run report` was asked for. */
export type Wanted =
  | { readonly what: "report"; readonly everySeconds: number | undefined }
  | { readonly what: "reference"; readonly format: ReferenceFormat }
  | { readonly what: "secrets"; readonly slug: string; readonly yes: boolean };

/** @returns "help" when that is what was asked for. @throws UsageError */
export function reportOptions(argv: readonly string[]): { options: StackOptions; wanted: Wanted } | "help" {
  const parsed = parseCommandLine(withSeconds(argv), {
    watch: { type: "string" },
    reference: { type: "boolean", default: false },
    format: { type: "string" },
    "show-secrets": { type: "string" },
    yes: { type: "boolean", default: false },
  });
  if (parsed === "help") return "help";
  const { options, values, positionals } = parsed;
  if (positionals.length > 0) {
    throw new UsageError(`report takes no "${positionals.join(" ")}"; the stack is named with --stack`);
  }
  const { watch, reference = false, format, "show-secrets": slug, yes = false } = values;
  const chosen = [watch !== undefined && "--watch", reference && "--reference", slug !== undefined && "--show-secrets"];
  const [one, other] = chosen.filter(Boolean);
  if (other) throw new UsageError(`${one} and ${other} are two things: one at a time`);
  if (format !== undefined && !reference) throw new UsageError("--format is for --reference");
  if (yes && slug === undefined) throw new UsageError("--yes is for --show-secrets");
  if (reference) return { options, wanted: { what: "reference", format: formatOf(format, options.json) } };
  if (slug !== undefined) {
    if (!isSlug(slug)) throw new UsageError(`${printable(JSON.stringify(slug))} is not a tenant's slug`);
    return { options, wanted: { what: "secrets", slug, yes } };
  }
  return { options, wanted: { what: "report", everySeconds: watch === undefined ? undefined : secondsOf(watch) } };
}

/** Node's own parser knows no option whose value can be left out; what follows it is that value, unless it is an option. */
function withSeconds(argv: readonly string[]): string[] {
  const at = argv.indexOf("--watch");
  if (at < 0) return [...argv];
  const next = argv[at + 1];
  const given = next !== undefined && !/^--?[a-z]/i.test(next);
  const [before, after] = [argv.slice(0, at), argv.slice(given ? at + 2 : at + 1)];
  return [...before, `--watch=${given ? next : DEFAULT_SECONDS}`, ...withSeconds(after)];
}

function secondsOf(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds > 0 && seconds <= MOST_SECONDS) return seconds;
  throw new UsageError(
    `--watch takes seconds, more than 0 and at most ${MOST_SECONDS}, got ${printable(JSON.stringify(text))}`,
  );
}

function formatOf(text: string | undefined, json: boolean): ReferenceFormat {
  const format = REFERENCE_FORMATS.find((name) => name === (text ?? (json ? "json" : "text")));
  if (format === undefined) {
    throw new UsageError(
      `--format ${printable(JSON.stringify(text))}: the formats are ${REFERENCE_FORMATS.join(", ")}`,
    );
  }
  if (json && format !== "json") throw new UsageError(`--json and --format ${format} are two things: one at a time`);
  return format;
}
