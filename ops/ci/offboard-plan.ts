import { readFileSync } from "node:fs";
import { FaultsError } from "../../domain/fault";
import { UsageError } from "../../domain/usage-error";
import { declarationFaults } from "./declaration-faults";
import { declaredIn } from "./declared";
import { destroyProblem, offboardingPlan } from "./offboarding-plan";
import { treeOf } from "./revision";

/** What the command line makes of this command's options. */
export interface OffboardPlanValues {
  readonly approved?: string;
  readonly state?: string;
}

/**
 * How a tenant is offboarded according to the commit that is checked out, as lines of `NAME=VALUE`.
 *
 * @param slugs The tenant's slug, twice.
 * @throws UsageError @throws FaultsError @throws Error when the plan is not what was approved.
 */
export function offboardPlanText(slugs: readonly string[], { approved, state }: OffboardPlanValues): string {
  const [slug, again, ...surplus] = slugs;
  if (slug === undefined || again === undefined || surplus.length > 0) {
    throw new UsageError("the slug is given twice, for example: npx b2b-tenants ci offboard-plan acme acme");
  }
  if ((approved === undefined) !== (state === undefined)) throw new UsageError("--approved and --state go together");
  const declared = declaredIn(treeOf("HEAD"));
  const faults = declarationFaults(declared);
  if (faults.length > 0) throw new FaultsError(faults);
  const plan = offboardingPlan(slug, again, declared);
  if (approved !== undefined && state !== undefined) {
    const problem = destroyProblem(plan, approved, JSON.parse(readFileSync(state, "utf8")));
    if (problem) throw new Error(problem);
  }
  return Object.entries(plan)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
}
