import { z } from "zod";
import { UsageError } from "../../domain/usage-error";
import { type PolicyViolation, violation } from "./policy-violation";

/** A line of an event log that tells of a violation, and of it nothing but that. */
const lineSchema = z.object({
  policyEvent: z.object({
    resourceUrn: z.string().default(""),
    message: z.string(),
    policyName: z.string(),
    enforcementLevel: z.string(),
  }),
});

type PolicyLine = z.output<typeof lineSchema>;

/**
 * What policies have found, from the log that `pulumi preview --event-log` writes: lines of JSON, the last of which may be cut off.
 * The other events, which hold states of resources, are passed over.
 *
 * @param source How the log is named in errors.
 * @throws UsageError for a text that has no event in it, and is not empty.
 */
export function violationsIn(text: string, source: string): PolicyViolation[] {
  return policyLines(text, source).map(({ policyEvent: { policyName, resourceUrn, message, enforcementLevel } }) =>
    violation(policyName, resourceUrn, message, enforcementLevel !== "advisory"),
  );
}

/** The same log, reduced to what `violationsIn` reads of it. Empty, or ends in a line break. */
export function policyEventsOf(text: string, source: string): string {
  return policyLines(text, source)
    .map((line) => `${JSON.stringify(line)}\n`)
    .join("");
}

function policyLines(text: string, source: string): PolicyLine[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  // Any other file would pass for a log without violations.
  if (lines.length > 0 && !lines.some((line) => line.startsWith('{"'))) {
    throw new UsageError(
      `${source} is no event log: \`pulumi preview --event-log\` writes a line of JSON for each event`,
    );
  }
  return lines.flatMap((line) => {
    const { success, data } = lineSchema.safeParse(parsed(line));
    return success ? [data] : [];
  });
}

function parsed(line: string): unknown {
  // What is dear to parse are the states, which are most of the log.
  if (!line.includes('"policyEvent"')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
