import type { Client } from "pg";
import { isSlug } from "../../domain/names";
import { printableList } from "../../domain/printable";
import { UsageError } from "../../domain/usage-error";
import type { TenantVersion } from "./versions";

/** Which tenants are tried. */
export interface Choice {
  /** Empty: all that have something to run. */
  readonly slugs: readonly string[];
  /** No more than so many of them: the biggest, and others at random. */
  readonly sample: number | undefined;
}

/**
 * The tenants of the stack that were asked for.
 *
 * @param versions Of all tenants of the database.
 * @throws UsageError when one was named that the stack does not have.
 */
export async function chosenTenants(
  session: Client,
  stack: string,
  versions: readonly TenantVersion[],
  { slugs, sample }: Choice,
): Promise<TenantVersion[]> {
  const own = versions.filter(({ tenant, own }) => own && isSlug(tenant));
  const unknown = slugs.filter((slug) => !own.some(({ tenant }) => tenant === slug));
  if (unknown.length > 0) {
    throw new UsageError(
      `stack ${stack} has no ${unknown.length === 1 ? "tenant" : "tenants"} ${printableList(unknown)} in the database: ` +
        "`npx b2b-tenants migrate --status` lists the tenants of all stacks",
    );
  }
  if (slugs.length > 0) return own.filter(({ tenant }) => slugs.includes(tenant));
  const pending = own.filter(({ condition }) => condition !== "current");
  return sample === undefined ? pending : sampleOf(pending, sample, await sizes(session));
}

/** The longest locks are to be expected of the biggest, and odd data of any. */
export function sampleOf(
  tenants: readonly TenantVersion[],
  count: number,
  sizes: ReadonlyMap<string, number>,
): TenantVersion[] {
  const size = ({ schema }: TenantVersion) => sizes.get(schema) ?? 0;
  const [biggest, ...others] = [...tenants].sort((a, b) => size(b) - size(a));
  const drawn = others
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
  const chosen = new Set([...(biggest ? [biggest] : []), ...drawn].slice(0, count));
  return tenants.filter((one) => chosen.has(one));
}

/** Pages of each schema's tables, by the server's own estimate. */
async function sizes(session: Client): Promise<Map<string, number>> {
  const { rows } = await session.query<{ schema: string; pages: number }>(
    `select nspname::text as schema, sum(relpages)::float8 as pages from pg_class c join pg_namespace n on n.oid = relnamespace
      where relkind in ('r', 'm', 't') group by 1`,
  );
  return new Map(rows.map(({ schema, pages }) => [schema, pages]));
}
