import { isSlug } from "../../domain/names";
import { printable } from "../../domain/printable";
import { UsageError } from "../../domain/usage-error";
import type { Choice } from "./choose-tenants";

/** What the command line makes of this command's own options. */
export interface MigrateValues {
  readonly status?: boolean;
  /** True where the slugs were left out. */
  readonly try?: readonly string[] | true;
  readonly sample?: string;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

/** Tenants to try, and how it is told what came out. */
export interface TrialWanted extends Choice {
  readonly form: "text" | "json" | "markdown";
}

/** The trial that `migrate` was asked for; undefined where it only shows how far the tenants are. @throws UsageError */
export function migrateWanted(values: MigrateValues): TrialWanted | undefined {
  const { status = false, try: tried, sample, markdown = false, json = false } = values;
  if (status === (tried !== undefined)) {
    throw new UsageError(
      "migrate takes one of --status and --try; it is `npx pulumi up` that runs migrations on tenants themselves",
    );
  }
  if (tried === undefined) {
    if (sample !== undefined) throw new UsageError("--sample is for --try");
    if (markdown) throw new UsageError("--markdown is for --try");
    return undefined;
  }
  if (markdown && json) throw new UsageError("--json and --markdown are two forms of one result: give one of them");
  const slugs = tried === true ? [] : tried;
  const wrong = slugs.find((slug) => !isSlug(slug));
  if (wrong !== undefined) throw new UsageError(`${printable(JSON.stringify(wrong))} is not a tenant's slug`);
  if (sample !== undefined && slugs.length > 0) {
    throw new UsageError("--sample draws tenants, and --try was given some: one of the two");
  }
  const form = json ? "json" : markdown ? "markdown" : "text";
  return { slugs, sample: sample === undefined ? undefined : count(sample), form };
}

function count(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`--sample takes a number of tenants, at least 1, got ${printable(JSON.stringify(text))}`);
}
