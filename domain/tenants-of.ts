import type { TenantSpec } from "./tenant-spec";

/** A stack, as far as it matters to the question which tenants are its own. */
export interface DeclaringStack {
  readonly stack: string;
  /** Whether it declares the tenants that name no stack. */
  readonly fleet: boolean;
}

/** Whether a stack declares a tenant whose file names `wanted` as its stack, or names none. */
export function belongsTo(wanted: unknown, { stack, fleet }: DeclaringStack): boolean {
  return wanted === undefined ? fleet : wanted === stack;
}

/** The tenants that a stack declares with their servers: not those that are only half there, in a move to another database server. */
export function servedBy(stack: string, fleet: boolean, tenants: readonly TenantSpec[]): TenantSpec[] {
  return tenantsOf(stack, fleet, tenants).filter(({ databaseOnly }) => !databaseOnly);
}

/** The tenants that a stack declares. Each tenant belongs to one stack exactly, as long as one stack only is the fleet's. */
export function tenantsOf(stack: string, fleet: boolean, tenants: readonly TenantSpec[]): TenantSpec[] {
  return tenants.filter((tenant) => belongsTo(tenant.stack, { stack, fleet }));
}
