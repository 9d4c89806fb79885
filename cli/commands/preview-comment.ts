import { previewComment } from "../../ops/preview-comment/comment";
import { previewCommentOptions } from "../../ops/preview-comment/options";
import { readPreviews } from "../../ops/preview-comment/read-previews";
import { type Output, runCommand, type Status } from "../run-command";

const USAGE = `Usage: npm run preview-comment --silent -- [OPTIONS] [[STACK=]FILE...]

Turns what \`pulumi preview --json\` prints (or \`npm run rehearse --silent -- preview --json\`) into one comment for a pull request,
in Markdown, tenant by tenant: what is deleted or replaced at the top, who is onboarded, changed and offboarded below it. Secrets are
not in it, nor their length. Reads standard input when no file is named; several stacks, each in its file, make one comment.

The comment has at most 65,000 characters and says what it leaves out. For each stack it begins with a hidden line, by which a
workflow finds it again: <!-- b2b-tenants preview STACK -->

  --event-log [STACK=]FILE what \`pulumi preview --policy-pack policy --event-log FILE\` has written, under PULUMI_DEBUG_COMMANDS=true:
                           its violations of policies are told too, which the JSON has not. Of several stacks, one each
  --missing STACK          say that there is no preview of that stack; can be given several times
  --run URL                where the run can be seen that should have made it
  --commit SHA             the commit that was previewed: the heading names it
  --repository OWNER/NAME  link that commit, and the faults of a failed preview to their lines in it, on github.com unless it is
                           given as https://HOST/OWNER/NAME
  --help                   print this

Exit status: 0 done, also for a preview that failed or deletes something; 2 wrong usage, or no preview in the input.
`;

async function main(argv: readonly string[], output: Output): Promise<Status> {
  const options = previewCommentOptions(argv);
  if (options === "help") {
    output.print(USAGE.trimEnd());
    return 0;
  }
  const { sources, logs, place, missing } = options;
  output.print(previewComment(readPreviews(sources, logs), place, missing));
  return 0;
}

runCommand("preview-comment", main);
