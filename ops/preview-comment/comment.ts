import { code } from "../ci/markdown";
import type { StackPreview } from "./by-tenant";
import { deletionBox } from "./deletions";
import { errorSections, hasFailed, hasStopped, type Place, warningSection } from "./errors";
import { findingsText } from "./findings";
import { fitted, type Section } from "./limit";
import { refusalSections } from "./refusals";
import { stackSections, summary } from "./stack-section";
import { goneBox, type Missing, missingBox } from "./without-preview";

/**
 * The comment on a pull request, in Markdown, without a line break at its end. It begins with a hidden line for each stack, by
 * which a workflow finds it again.
 *
 * @param findings What the linter of migrations and trials of them have printed.
 */
export function previewComment(
  previews: readonly StackPreview[],
  place: Place | undefined,
  { stacks: missing, run, gone }: Missing = { stacks: [], run: undefined, gone: [] },
  findings: readonly string[] = [],
): string {
  const stacks = [...previews.map(({ stack }) => stack), ...missing];
  const markers = [...stacks, ...gone].map((stack) => `<!-- b2b-tenants preview ${stack} -->`);
  const [only] = stacks.length === 1 ? previews : [];
  const heading = stacks.length === 0 ? "No stack is previewed" : `Preview of ${stacks.map(code).join(", ")}`;
  return fitted([
    { ...fixed([...markers, `## ${heading}${at(place)}`].join("\n")), isKept: true },
    ...(gone.length > 0 ? [{ ...fixed(goneBox(gone)), isKept: true } as const] : []),
    ...(missing.length > 0 ? [fixed(missingBox(missing, run))] : []),
    ...previews.flatMap((preview) => errorSections(preview, only === undefined, place)),
    ...previews.flatMap(({ stack, refusals }) => refusalSections(refusals, only ? undefined : stack)),
    fixed(only ? verdict(only) : previews.map(verdictOfOne).join("\n")),
    ...[deletionBox(previews)].filter((box) => box !== undefined),
    fixed(findingsText(findings)),
    ...(only ? stackSections(only) : previews.flatMap(sectionsOfOne)),
    ...previews.map(warningSection),
  ]);
}

function fixed(text: string): Section {
  return { at: () => text };
}

const SHORT_COMMIT = 7;

/** Names the commit, since the comment may be of an earlier one, where the last one was not previewed. */
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
    ? `The preview ended early. What it found until then, and there may be more: **${summary({ ...preview, unchanged: undefined })}**`
    : `**${summary(preview)}**`;
}

function verdictOfOne(preview: StackPreview): string {
  return `- ${code(preview.stack)}: ${verdict(preview) || "**the preview failed**"}`;
}

function sectionsOfOne(preview: StackPreview): Section[] {
  return isEmpty(preview) ? [] : [fixed(`## Stack ${code(preview.stack)}`), ...stackSections(preview)];
}
