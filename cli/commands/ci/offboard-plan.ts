import { type OffboardPlanValues, offboardPlanText } from "../../../ops/ci/offboard-plan";
import type { Output } from "../../../ops/output";
import { newCommand } from "../../command-line";

export const offboardPlan = () =>
  newCommand("offboard-plan", run)
    .argument("[slugs...]")
    .usage("SLUG SLUG [--approved STACK --state FILE]")
    .summary("how a tenant is offboarded, for a CI job")
    .description(
      `\
Prints for a CI job how the tenant is offboarded, as NAME=VALUE: slug, stack, destroys (whether that stack holds it alone, so that
all of it is destroyed), file (which goes) and settings (which go too, with the stack). The slug is given twice, so that no slip of
a finger names another tenant. Looks at the commit that is checked out. Changes nothing.`,
    )
    .option("--approved <STACK>", "fail unless the plan still is to destroy that stack")
    .option("--state <FILE>", "and unless that state of it, from `pulumi stack export`, has no other tenant")
    .addHelpText(
      "after",
      "\nExit status: 0 printed; 1 not what was approved; 2 wrong usage, no such tenant, or a tenant file that is not right.",
    );

function run(values: OffboardPlanValues, slugs: readonly string[], output: Output) {
  output.print(offboardPlanText(slugs, values));
  return 0 as const;
}
