import { quoted } from "../../domain/fault";
import { isSlug } from "../../domain/names";
import { UsageError } from "../../domain/usage-error";
import { type Declared, stacksOf } from "./declared";

const TENANT_TYPE = "b2b-tenants:index:Tenant";

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

/**
 * @param again The slug, typed a second time.
 * @throws UsageError when it is not clear what is to be offboarded, or when what is meant is not there.
 */
export function offboardingPlan(slug: string, again: string, { stacks, tenants }: Declared): OffboardingPlan {
  if (slug !== again)
    throw new UsageError(`the slug was typed as ${quoted(slug)} and as ${quoted(again)}: not the same`);
  if (!isSlug(slug)) throw new UsageError(`${quoted(slug)} is not the slug of a tenant`);
  const found = [...tenants.values()].filter((tenant) => tenant.slug === slug);
  const [tenant, ...others] = found;
  if (tenant === undefined) throw new UsageError(`no file declares a tenant ${quoted(slug)}`);
  if (others.length > 0) throw new UsageError(`several files declare it: ${found.map(({ file }) => file).join(", ")}`);
  const owners =
    tenant.names === "unreadable" ? [] : stacks.filter(({ stack }) => stacksOf(tenant, stacks).includes(stack));
  const [owner] = owners;
  if (owner === undefined || owners.length > 1)
    throw new UsageError(`${tenant.file} does not tell its stack: put it right`);
  // One of an unreadable file counts too: it may be this stack's.
  const declared = [...tenants.values()].filter((other) => stacksOf(other, stacks).includes(owner.stack));
  const destroys = !owner.fleet && declared.length === 1;
  return { slug, stack: owner.stack, destroys, file: tenant.file, settings: owner.file };
}

/** Why a stack that was approved to be destroyed may not be, by now; undefined if it may. */
export function destroyProblem(plan: OffboardingPlan, approved: string, state: ExportedState): string | undefined {
  if (plan.stack !== approved) return `${plan.file} names ${plan.stack} by now, and not ${approved}. Start anew`;
  if (!plan.destroys) return `${approved} is by now to hold others than ${plan.slug}. Start anew`;
  const others = (state.deployment?.resources ?? [])
    .filter(({ type }) => type === TENANT_TYPE)
    .map(({ urn }) => urn.slice(urn.lastIndexOf("::") + 2))
    .filter((slug) => slug !== plan.slug);
  if (others.length === 0) return undefined;
  return `${approved} still holds ${others.join(", ")}, which no file declares. Deploy it, which offboards them, then again`;
}
