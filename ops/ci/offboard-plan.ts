import { readFileSync } from "node:fs";
import { FileErrors, quotedText } from "../../domain/file-errors";
import { isSlug } from "../../domain/names";
import { TENANT_TYPE } from "../../domain/resource-types";
import { parseUrn } from "../../domain/urn";
import { UsageError } from "../../domain/usage-error";
import { type Declared, declarationErrors, declaredIn, stacksOf } from "../fleet/declared";
import { treeOf } from "../fleet/revision";

/** How a tenant is offboarded. */
export interface OffboardingPlan {
  readonly slug: string;
  readonly stack: string;
  /** Whether the stack holds that tenant alone, so that all of it is destroyed. Else `up` without the tenant's file does it. */
  readonly destroys: boolean;
  /** What the pull request removes. */
  readonly file: string;
  /** The settings of the stack, which go too when it is destroyed. */
  readonly settings: string;
}

/** Of a stack's state, as `pulumi stack export` prints it, what tells its tenants. */
export interface ExportedState {
  readonly deployment?: { readonly resources?: readonly { readonly urn: string; readonly type: string }[] };
}

/** What the command line makes of this command's options. */
export interface OffboardPlanValues {
  readonly approved?: string;
  readonly state?: string;
}

/**
 * How a tenant is offboarded according to the commit that is checked out, as lines of `NAME=VALUE`.
 *
 * @param slugs The tenant's slug, twice.
 * @throws UsageError @throws FileErrors @throws Error when the plan is not what was approved.
 */
export function offboardPlanText(slugs: readonly string[], { approved, state }: OffboardPlanValues): string {
  const [slug, again, ...surplus] = slugs;
  if (slug === undefined || again === undefined || surplus.length > 0) {
    throw new UsageError("the slug is given twice, for example: npx b2b-tenants ci offboard-plan acme acme");
  }
  if ((approved === undefined) !== (state === undefined)) throw new UsageError("--approved and --state go together");
  const declared = declaredIn(treeOf("HEAD"));
  const errors = declarationErrors(declared);
  if (errors.length > 0) throw new FileErrors(errors);
  const plan = offboardingPlan(slug, again, declared);
  if (approved !== undefined && state !== undefined) {
    const problem = destroyProblem(plan, approved, JSON.parse(readFileSync(state, "utf8")));
    if (problem) throw new Error(problem);
  }
  return Object.entries(plan)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
}

/**
 * @param again The slug, typed a second time.
 * @throws UsageError when it is not clear what is to be offboarded, or when what is meant is not there.
 */
export function offboardingPlan(slug: string, again: string, { stacks, tenants }: Declared): OffboardingPlan {
  if (slug !== again)
    throw new UsageError(
      `the slug was typed as ${quotedText(slug)} and then as ${quotedText(again)}: type the same slug twice`,
    );
  if (!isSlug(slug)) throw new UsageError(`${quotedText(slug)} is not the slug of a tenant`);
  const found = [...tenants.values()].filter((tenant) => tenant.slug === slug);
  const [tenant, ...others] = found;
  if (tenant === undefined) throw new UsageError(`no file declares a tenant ${quotedText(slug)}`);
  if (others.length > 0) throw new UsageError(`several files declare it: ${found.map(({ file }) => file).join(", ")}`);
  const owners =
    tenant.names === "unreadable" ? [] : stacks.filter(({ stack }) => stacksOf(tenant, stacks).includes(stack));
  const [owner] = owners;
  if (owner === undefined || owners.length > 1)
    throw new UsageError(`${tenant.file} does not say which stack the tenant is in: correct that file`);
  // A tenant of an unreadable file counts too: it may be in this stack.
  const declared = [...tenants.values()].filter((other) => stacksOf(other, stacks).includes(owner.stack));
  const destroys = !owner.fleet && declared.length === 1;
  return { slug, stack: owner.stack, destroys, file: tenant.file, settings: owner.file };
}

/** Why a stack that was approved to be destroyed may not be any more; undefined if it may. */
export function destroyProblem(plan: OffboardingPlan, approved: string, state: ExportedState): string | undefined {
  if (plan.stack !== approved) return `${plan.file} now names ${plan.stack}, and not ${approved}. Start again`;
  if (!plan.destroys) return `${approved} now declares other tenants than ${plan.slug}. Start again`;
  const others = (state.deployment?.resources ?? [])
    .filter(({ type }) => type === TENANT_TYPE)
    .map(({ urn }) => parseUrn(urn)?.name ?? urn)
    .filter((slug) => slug !== plan.slug);
  if (others.length === 0) return undefined;
  return `${approved} still holds ${others.join(", ")}, which no file declares. Deploy ${approved}, which offboards them, and start again`;
}
