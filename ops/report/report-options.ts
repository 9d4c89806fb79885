import { isSlug } from "../../domain/names";
import { printable } from "../../domain/printable";
import { REFERENCE_FORMATS, type ReferenceFormat } from "../../domain/quick-reference";
import { UsageError } from "../../domain/usage-error";
import { type PageOptions, type PageValues, pageWanted } from "../page/page-options";

const DEFAULT_SECONDS = 5;
const MOST_SECONDS = 86_400;

/** What `report` was asked for. */
export type Wanted =
  | { readonly what: "report"; readonly everySeconds: number | undefined }
  | { readonly what: "page"; readonly page: PageOptions }
  | { readonly what: "reference"; readonly format: ReferenceFormat }
  | { readonly what: "secrets"; readonly slug: string; readonly yes: boolean };

/** What the command line makes of this command's own options. */
export interface ReportValues extends PageValues {
  readonly json?: boolean;
  /** True where the seconds were left out. */
  readonly watch?: string | true;
  readonly reference?: boolean;
  readonly format?: string;
  readonly showSecrets?: string;
  readonly yes?: boolean;
}

/** @throws UsageError */
export function reportWanted(values: ReportValues): Wanted {
  const { json = false, watch, reference = false, format, showSecrets: slug, yes = false } = values;
  const page = pageWanted(values);
  const chosen = [
    watch !== undefined && "--watch",
    reference && "--reference",
    slug !== undefined && "--show-secrets",
    page !== undefined && "--html",
  ];
  const [one, other] = chosen.filter(Boolean);
  if (other) throw new UsageError(`${one} and ${other} are two things: one at a time`);
  if (format !== undefined && !reference) throw new UsageError("--format is for --reference");
  if (yes && slug === undefined) throw new UsageError("--yes is for --show-secrets");
  if (reference) return { what: "reference", format: formatOf(format, json) };
  if (slug !== undefined) {
    if (!isSlug(slug)) throw new UsageError(`${printable(JSON.stringify(slug))} is not a tenant's slug`);
    return { what: "secrets", slug, yes };
  }
  if (page !== undefined) return { what: "page", page };
  return { what: "report", everySeconds: watch === undefined ? undefined : secondsOf(watch) };
}

function secondsOf(text: string | true): number {
  if (text === true) return DEFAULT_SECONDS;
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
