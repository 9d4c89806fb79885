import type { TenantSpec } from "./tenant-spec";

/** The keys of a backend's `.env`, in the order in which the file lists them. */
export const ENV_KEYS = ["DATABASE_URL", "SECRET_KEY", "ALLOWED_ORIGINS", "FRONTEND_URL", "ENVIRONMENT"] as const;

export type EnvKey = (typeof ENV_KEYS)[number];

/** Kept encrypted, and shown to nobody. The others stay readable, so that a preview shows what changes. */
const SECRET_KEYS: ReadonlySet<EnvKey> = new Set(["DATABASE_URL", "SECRET_KEY"]);

/** One line of the `.env`. */
export interface EnvEntry<Secret> {
  readonly key: EnvKey;
  readonly value: string | Secret;
  readonly secret: boolean;
}

/**
 * The lines of a tenant's `.env`, in order. The secrets pass through untouched, so that they may be values that are only
 * known when the deployment runs.
 */
export function envEntries<Secret>(
  tenant: Pick<TenantSpec, "frontendUrl" | "allowedOrigins">,
  secrets: { readonly databaseUrl: Secret; readonly secretKey: Secret },
): EnvEntry<Secret>[] {
  const values: Record<EnvKey, string | Secret> = {
    DATABASE_URL: secrets.databaseUrl,
    SECRET_KEY: secrets.secretKey,
    ALLOWED_ORIGINS: allowedOriginsValue(tenant),
    FRONTEND_URL: tenant.frontendUrl,
    ENVIRONMENT: "production",
  };
  return ENV_KEYS.map((key) => ({ key, value: values[key], secret: SECRET_KEYS.has(key) }));
}

/** Every reader of a `.env` takes these as they stand. */
const PLAIN = /^[\][A-Za-z0-9_.,:/@%+=?-]*$/;

/** Readers do not agree on these, between quotes or not: controls, single quotes, backslashes, and `${`, which python-dotenv replaces. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const UNQUOTABLE = /[\u0000-\u001f\u007f'\\]|\$\{/;

/** A line of the `.env` as the boot script writes it (`boot/b2b-tenants-env.sh`); undefined where that refuses name or value. */
export function envLine(name: string, value: string): string | undefined {
  if (!/^[A-Z_][A-Z0-9_]*$/.test(name) || UNQUOTABLE.test(value)) return undefined;
  return PLAIN.test(value) ? `${name}=${value}` : `${name}='${value}'`;
}

/** What the backend's CORS check reads: the frontend first, then the tenant's further origins, separated by commas. */
export function allowedOriginsValue(tenant: Pick<TenantSpec, "frontendUrl" | "allowedOrigins">): string {
  return [tenant.frontendUrl, ...tenant.allowedOrigins].join(",");
}
