import { z } from "zod";
import { UsageError } from "../../domain/usage-error";

/** A resource as it is, or as it would be. */
const stateSchema = z.object({
  inputs: z.record(z.string(), z.unknown()).nullish(),
  outputs: z.record(z.string(), z.unknown()).nullish(),
  additionalSecretOutputs: z.array(z.string()).nullish(),
  /** An earlier run replaced it, and ended before it was deleted. */
  delete: z.boolean().nullish(),
});

const stepSchema = z.object({
  op: z.string(),
  urn: z.string(),
  oldState: stateSchema.nullish(),
  newState: stateSchema.nullish(),
  diffReasons: z.array(z.string()).nullish(),
  replaceReasons: z.array(z.string()).nullish(),
  detailedDiff: z.record(z.string(), z.object({ kind: z.string() })).nullish(),
});

const diagnosticSchema = z.object({ urn: z.string().nullish(), message: z.string(), severity: z.string() });

const digestSchema = z.object({
  steps: z.array(stepSchema).nullish(),
  diagnostics: z.array(diagnosticSchema).nullish(),
  changeSummary: z.record(z.string(), z.number()).nullish(),
});

/** The part of what `pulumi preview --json` or a rehearsal prints that a comment is made from. Its `config` is never read. */
export type PreviewDigest = z.output<typeof digestSchema>;
export type PreviewStep = z.output<typeof stepSchema>;
export type Diagnostic = z.output<typeof diagnosticSchema>;

/**
 * @param source How the input is named in errors. They quote nothing else of it, since it may hold anything.
 * @throws UsageError when the text is no such digest, or is cut off.
 */
export function parsePreviewDigest(text: string, source: string): PreviewDigest {
  const trimmed = text.replace(/^\ufeff/, "").trim();
  if (trimmed === "") {
    throw new UsageError(
      `${source} is empty: a preview that fails before it begins prints no JSON. Its error output says what failed`,
    );
  }
  const parsed = digestSchema.safeParse(parsedJson(trimmed, source));
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.map(String).join(".") ?? "";
    throw new UsageError(`${source} is JSON, but not what \`pulumi preview --json\` prints${wrongAt(at)}`);
  }
  const { steps, diagnostics, changeSummary } = parsed.data;
  // A preview leaves out what is empty; an object with none of the three is something else.
  if (!steps && !diagnostics && !changeSummary) {
    throw new UsageError(
      `${source} is JSON, but not what \`pulumi preview --json\` prints: it has no steps, no diagnostics and no summary`,
    );
  }
  return parsed.data;
}

function parsedJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (!text.startsWith("{")) {
      throw new UsageError(
        `${source} is not JSON: it does not begin with "{". \`npm run\` prints lines of its own, unless it runs with --silent`,
      );
    }
    const why = text.endsWith("}") ? "is not valid JSON" : "ends in the middle of its JSON: the preview was cut off";
    throw new UsageError(`${source} ${why}. Run the preview again, and write nothing else to that file`);
  }
}

/** Keys come from the input: only those that look like the format's own are repeated. */
function wrongAt(path: string): string {
  return /^[A-Za-z0-9.]{1,80}$/.test(path) ? `: see ${path}` : "";
}
