/** Where a tenant's schema is. */
export interface TenantPlace {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly schema: string;
}

const PLACE = ["host", "port", "database", "schema"] as const;

/** Whether a tenant's schema is to be in another place than it was; another name of the same server counts as one. */
export function isElsewhere(olds: Partial<TenantPlace>, news: TenantPlace): boolean {
  return PLACE.some((key) => olds[key] !== news[key]);
}
