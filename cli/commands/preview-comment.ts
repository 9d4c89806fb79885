import type { Output } from "../../ops/output";
import { previewComment as commentOf } from "../../ops/preview-comment/comment";
import { type PreviewCommentValues, previewCommentOptions } from "../../ops/preview-comment/options";
import { inputText, readPreviews } from "../../ops/preview-comment/read-previews";
import { newCommand } from "../command-line";

export const previewComment = () =>
  newCommand("preview-comment", run)
    .argument("[files...]")
    .usage("[options] [[STACK=]FILE...]")
    .description(
      `\
Turns what \`pulumi preview --json\` prints (or \`npm run rehearse --silent -- preview --json\`) into one comment for a pull request,
in Markdown, tenant by tenant: what is deleted or replaced at the top, who is onboarded, changed and offboarded below it. Secrets are
not in it, nor their length. Reads standard input when no file is named; several stacks, each in its file, make one comment.

The comment has at most 65,000 characters and says what it leaves out. For each stack it begins with a hidden line, by which a
workflow finds it again: <!-- b2b-tenants preview STACK -->`,
    )
    .option(
      "--event-log <[STACK=]FILE>",
      "what `pulumi preview --policy-pack policy --event-log FILE` has written, under PULUMI_DEBUG_COMMANDS=true: its " +
        "violations of policies are told too, which the JSON does not have. Of several stacks, one each",
      all,
    )
    .option(
      "--findings <FILE>",
      "what `ci lint-migrations` or `migrate --try` has printed: it is shown as it is, where it is not empty; can be given several times",
      all,
    )
    .option("--missing <STACK>", "say that there is no preview of that stack; can be given several times", all)
    .option(
      "--gone <STACK>",
      "say that the change takes away that stack's settings, and what it has made stays; can be given several times",
      all,
    )
    .option("--run <URL>", "where the run can be seen that should have made it")
    .option("--commit <SHA>", "the commit that was previewed: the heading names it")
    .option(
      "--repository <OWNER/NAME>",
      "link that commit, and the errors of a failed preview to their lines in it, on github.com unless it is given as " +
        "https://HOST/OWNER/NAME",
    )
    .addHelpText(
      "after",
      `
Exit status: 0 done, also for a preview that failed or deletes something; 2 wrong usage, or no preview in the input.`,
    );

function run(values: PreviewCommentValues, files: readonly string[], output: Output) {
  const { sources, logs, place, missing } = previewCommentOptions(values, files);
  const findings = (values.findings ?? []).map(inputText);
  output.print(commentOf(readPreviews(sources, logs), place, missing, findings));
  return 0 as const;
}

/** Gathers the values of an option that can be given several times. */
function all(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
