import { alert, code, codeBlock, count, details } from "../ci/markdown";
import type { StackPreview } from "./by-tenant";
import { dangerBlocks } from "./danger";
import { faultsOf, hasFailed, hasStopped, type Place, warningsOf } from "./faults";
import { type Block, fitted } from "./limit";
import { heading, stackBlocks, summary } from "./stack-section";
import { violationBlocks } from "./violations";

/** Stacks that should have been previewed, and were not. */
export interface Missing {
  readonly stacks: readonly string[];
  /** Address of the CI run, which tells why. */
  readonly run: string | undefined;
}

/**
 * The comment on a pull request, in Markdown, without a line break at its end. It begins with a hidden line for each stack, by
 * which a workflow finds it again.
 */
export function previewComment(
  previews: readonly StackPreview[],
  place: Place | undefined,
  { stacks: missing, run }: Missing = { stacks: [], run: undefined },
): string {
  const stacks = [...previews.map(({ stack }) => stack), ...missing];
  const markers = stacks.map((stack) => `<!-- b2b-tenants preview ${stack} -->`);
  const [only] = stacks.length === 1 ? previews : [];
  const title = `## Preview of ${stacks.map(code).join(", ")}${at(place)}`;
  return fitted([
    heading([...markers, title].join("\n")),
    ...(missing.length > 0 ? [heading(missingBox(missing, run))] : []),
    ...previews.flatMap((preview) => faultBlocks(preview, only === undefined, place)),
    ...(only ? [heading(verdict(only))] : [heading(previews.map(verdictOfOne).join("\n"))]),
    ...dangerBlocks(previews),
    ...(only ? stackBlocks(only) : previews.flatMap(sectionOfOne)),
    ...previews.flatMap(warningBlocks),
  ]);
}

function missingBox(stacks: readonly string[], run: string | undefined): string {
  const see = run === undefined ? "" : ` See [the run](${run}).`;
  return alert("CAUTION", `**There is no preview of ${stacks.map(code).join(", ")}.**${see}`);
}

const SHORT_COMMIT = 7;

/** A comment may be left over from an earlier commit, where the last one was not previewed: it has to be seen. */
function at(place: Place | undefined): string {
  if (place === undefined) return "";
  const { commit, repository } = place;
  const short = code(commit.slice(0, SHORT_COMMIT));
  return ` at ${repository === undefined ? short : `[${short}](${repository}/commit/${commit})`}`;
}

function isEmpty({ tenants, platform }: StackPreview): boolean {
  return tenants.length === 0 && platform.length === 0;
}

function verdict(preview: StackPreview): string {
  if (isEmpty(preview)) return hasFailed(preview) ? "" : "**Nothing changes.**";
  return hasStopped(preview)
    ? `As far as the preview came, and there may be more: **${summary({ ...preview, unchanged: undefined })}**`
    : `**${summary(preview)}**`;
}

function verdictOfOne(preview: StackPreview): string {
  return `- ${code(preview.stack)}: ${verdict(preview) || "**the preview failed**"}`;
}

function sectionOfOne(preview: StackPreview): Block[] {
  return isEmpty(preview) ? [] : [heading(`## Stack ${code(preview.stack)}`), ...stackBlocks(preview)];
}

const FEW = 10;

function faultBlocks(preview: StackPreview, isOneOfSeveral: boolean, place: Place | undefined): Block[] {
  if (!hasFailed(preview)) return [];
  const faults = faultsOf(preview, place);
  const forbidden = preview.violations.filter(({ isMandatory }) => isMandatory).length;
  const of = isOneOfSeveral ? ` of ${code(preview.stack)}` : "";
  const why = [
    ...(faults.length > 0 ? [count(faults.length, "fault")] : []),
    ...(forbidden > 0 ? [count(forbidden, "violation of a policy", "violations of policies")] : []),
  ].join(", ");
  const box = alert("CAUTION", `**The preview${of} failed: ${why}.** Nothing can be deployed as it is.`);
  const rest = faults.length > FEW ? `\n- and ${faults.length - FEW} more` : "";
  const few = `${faults.slice(0, FEW).join("\n")}${rest}`;
  const missing = ["list of faults", "lists of faults"] as const;
  return [
    heading(box),
    ...(faults.length > 0 ? [{ versions: [faults.join("\n"), few, ""] as const, rank: 1, missing }] : []),
    ...violationBlocks(preview.violations),
  ];
}

function warningBlocks(preview: StackPreview): Block[] {
  const text = warningsOf(preview);
  if (text === "") return [];
  return [
    {
      versions: [details("Warnings", codeBlock(text)), ""],
      rank: 9,
      missing: ["list of warnings", "lists of warnings"],
    },
  ];
}
