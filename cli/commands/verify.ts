import type { Output } from "../../ops/output";
import { type PageValues, pageWanted } from "../../ops/page/page-options";
import { writableFile } from "../../ops/typed-path";
import { newStackCommand, type StackValues, stackOptions, takesNoArguments } from "../command-line";
import { withStack } from "../open-stack";

export const verify = () =>
  newStackCommand("verify", run)
    .description(
      "Proves that no tenant reaches another, the admin or the server, or shows where one does. Reads the catalogs as the " +
        "admin; then logs in as each tenant of the stack, with the credentials that its server gets, and tries what an attacker " +
        "would. Nothing stays of it, and no tenant waits for it. Each leak is told with a statement that shows it and the " +
        "statements that close it.",
    )
    .option("--html <FILE>", "write the proof as a page too, one file that a browser opens, to be handed to an auditor")
    .option("--lang <LANGUAGE>", "with --html: en, es (default: the browser's)")
    .option(
      "--summary <FILE>",
      "add the matrix and the leaks to this file too, in Markdown, for example to GITHUB_STEP_SUMMARY",
    )
    .addHelpText(
      "after",
      `
Exit status: 0 everything was tried and nothing leaks; 1 something leaks, or could not be tried; 2 wrong usage, invalid settings
or invalid tenant files.`,
    );

function run(
  values: StackValues & Pick<PageValues, "html" | "lang"> & { readonly summary?: string },
  args: readonly string[],
  output: Output,
) {
  takesNoArguments("verify", args);
  const options = stackOptions(values);
  const page = pageWanted(values);
  const proof = { json: options.json, summary: writableFile(values.summary) };
  return withStack(options, output.report, (access) =>
    page === undefined
      ? (require("../../ops/verify/verify") as typeof import("../../ops/verify/verify")).verify(access, output, proof)
      : (require("../../ops/page/write-page") as typeof import("../../ops/page/write-page")).writeProofPage(
          access,
          output,
          { ...proof, page },
        ),
  );
}
