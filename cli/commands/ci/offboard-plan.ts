import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { FaultsError } from "../../../domain/fault";
import { UsageError } from "../../../domain/usage-error";
import { declarationFaults } from "../../../ops/ci/declaration-faults";
import { declaredIn } from "../../../ops/ci/declared";
import { destroyProblem, offboardingPlan } from "../../../ops/ci/offboarding-plan";
import { treeOf } from "../../../ops/ci/revision";
import { type Output, runCommand, type Status } from "../../run-command";

const USAGE = `Usage: npm run --silent offboard-plan -- SLUG SLUG [--approved STACK --state FILE]

Prints for a CI job how the tenant is offboarded, as NAME=VALUE: slug, stack, destroys (whether that stack holds it alone, so that
all of it is destroyed), file (which goes) and settings (which go too, with the stack). The slug is given twice, so that no slip of
a finger names another tenant. Looks at the commit that is checked out. Changes nothing.

  --approved STACK     fail unless the plan still is to destroy that stack
  --state FILE         and unless that state of it, from \`pulumi stack export\`, has no other tenant
  --help               print this

Exit status: 0 printed; 1 not what was approved; 2 wrong usage, no such tenant, or a tenant file that is not right.
`;

async function main(argv: readonly string[], output: Output): Promise<Status> {
  const { values, positionals } = parsed(argv);
  if (values.help) {
    output.print(USAGE.trimEnd());
    return 0;
  }
  const [slug, again, ...surplus] = positionals;
  if (slug === undefined || again === undefined || surplus.length > 0) {
    throw new UsageError("the slug is given twice, as: npm run offboard-plan -- acme acme");
  }
  if ((values.approved === undefined) !== (values.state === undefined)) {
    throw new UsageError("--approved and --state go together");
  }
  const declared = declaredIn(treeOf("HEAD"));
  const faults = declarationFaults(declared);
  if (faults.length > 0) throw new FaultsError(faults);
  const plan = offboardingPlan(slug, again, declared);
  if (values.approved !== undefined && values.state !== undefined) {
    const problem = destroyProblem(plan, values.approved, JSON.parse(readFileSync(values.state, "utf8")));
    if (problem) throw new Error(problem);
  }
  for (const [name, value] of Object.entries(plan)) output.print(`${name}=${value}`);
  return 0;
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        approved: { type: "string" },
        state: { type: "string" },
        help: { type: "boolean", default: false },
      },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

runCommand("offboard-plan", main);
