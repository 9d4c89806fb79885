import type { StackPreview } from "./by-tenant";
import { dangerBlocks } from "./danger";
import { faultsOf, hasFailed, type Place, warningsOf } from "./faults";
import { type Block, fitted } from "./limit";
import { alert, code, codeBlock, count, details } from "./markdown";
import { heading, stackBlocks, summary } from "./stack-section";

/**
 * The comment on a pull request, in Markdown, without a line break at its end. It begins with a hidden line for each stack, by
 * which a workflow finds it again.
 */
export function previewComment(previews: readonly StackPreview[], place: Place | undefined): string {
  const markers = previews.map(({ stack }) => `<!-- b2b-tenants preview ${stack} -->`);
  const [only] = previews.length === 1 ? previews : [];
  const title = `## Preview of ${previews.map(({ stack }) => code(stack)).join(", ")}`;
  return fitted([
    heading([...markers, title].join("\n")),
    ...previews.flatMap((preview) => faultBlocks(preview, only === undefined, place)),
    ...(only ? [heading(verdict(only))] : [heading(previews.map(verdictOfOne).join("\n"))]),
    ...dangerBlocks(previews),
    ...(only ? stackBlocks(only) : previews.flatMap(sectionOfOne)),
    ...previews.flatMap(warningBlocks),
  ]);
}

function isEmpty({ tenants, platform }: StackPreview): boolean {
  return tenants.length === 0 && platform.length === 0;
}

function verdict(preview: StackPreview): string {
  const told = `**${summary(preview)}**`;
  if (hasFailed(preview.diagnostics)) {
    return isEmpty(preview)
      ? ""
      : `As far as the preview came, and there may be more: **${summary({ ...preview, unchanged: undefined })}**`;
  }
  return isEmpty(preview) ? "**Nothing changes.**" : told;
}

function verdictOfOne(preview: StackPreview): string {
  return `- ${code(preview.stack)}: ${verdict(preview) || "**the preview failed**"}`;
}

function sectionOfOne(preview: StackPreview): Block[] {
  return isEmpty(preview) ? [] : [heading(`## Stack ${code(preview.stack)}`), ...stackBlocks(preview)];
}

const FEW = 10;

function faultBlocks(preview: StackPreview, isOneOfSeveral: boolean, place: Place | undefined): Block[] {
  const faults = faultsOf(preview.diagnostics, place);
  if (!hasFailed(preview.diagnostics)) return [];
  const of = isOneOfSeveral ? ` of ${code(preview.stack)}` : "";
  const box = alert(
    "CAUTION",
    `**The preview${of} failed: ${count(faults.length, "fault")}.** Nothing can be deployed as it is.`,
  );
  const rest = faults.length > FEW ? `\n- and ${faults.length - FEW} more` : "";
  const all = `${box}\n\n${faults.join("\n")}`;
  const few = `${box}\n\n${faults.slice(0, FEW).join("\n")}${rest}`;
  return [{ versions: [all, few, box], rank: 1, missing: ["list of faults", "lists of faults"] }];
}

function warningBlocks({ diagnostics }: StackPreview): Block[] {
  const text = warningsOf(diagnostics);
  if (text === "") return [];
  return [
    {
      versions: [details("Warnings", codeBlock(text)), ""],
      rank: 9,
      missing: ["list of warnings", "lists of warnings"],
    },
  ];
}
