import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { withoutStackTraces } from "./components/no-stack-traces";
import { Alarms } from "./components/shared/alarms";
import { SharedDatabase } from "./components/shared/shared-database";
import { Tenant, type TenantSummary } from "./components/tenant";
import { migrationFiles, migrationHashes } from "./database/migrations/migration-files";
import { FileErrors } from "./domain/file-errors";
import { loadTenants } from "./domain/load-tenants";
import { topicName } from "./domain/names";
import type { TenantSpec } from "./domain/tenant-spec";
import { tenantsOf } from "./domain/tenants-of";
import { readSettings } from "./settings";

withoutStackTraces();

const stack = pulumi.getStack();
const { spec: settings, adminPassword } = readSettings();
const { specs, canarySlugs, migrations } = readFiles();

const { database } = settings;
const databaseAdmin = new postgresql.Provider("database-admin", {
  host: database.host,
  port: database.port,
  database: database.name,
  username: database.adminUser,
  password: adminPassword,
  sslmode: database.sslmode,
  // RDS's admin is none, and the provider reads a role's password hash if it believes that it may.
  superuser: false,
  // Seconds, for every resource in turn when the server is out of reach; the provider's default is three minutes.
  connectTimeout: 10,
});
const providers = { postgresql: databaseAdmin };

const sharedDatabase = settings.fleet
  ? new SharedDatabase("shared-database", { database: database.name }, { providers })
  : undefined;

const { alarms: alarmSettings, environment } = settings;
const alarms =
  alarmSettings && settings.fleet ? new Alarms("alarms", { settings: alarmSettings, environment }) : undefined;
const alarmTopic = alarmSettings && {
  name: topicName(environment, alarmSettings.databaseInstance),
  resource: alarms?.topic,
};

/** A row of the quick reference (docs/guia.es.md, section 8) for every tenant of this stack, by slug. Nothing in it is secret. */
export const tenants: Record<string, TenantSummary & { readonly stack: string }> = {};

const canaries = specs.filter(({ canary }) => canary).map((spec) => declare(spec));
for (const spec of specs.filter(({ canary }) => !canary)) declare(spec, canaries);

function declare(spec: TenantSpec, before: readonly Tenant[] = []): Tenant {
  const opts = { providers, ...(sharedDatabase ? { dependsOn: [sharedDatabase] } : {}) };
  const tenant = new Tenant(
    spec.slug,
    {
      spec,
      settings,
      adminPassword,
      migrations: {
        folder: settings.migrations.folder,
        files: migrations,
        canaries: canarySlugs,
        first: before.map((canary) => canary.migrations),
      },
      alarmTopic,
    },
    opts,
  );
  tenants[spec.slug] = { ...tenant.summary, stack };
  return tenant;
}

/** Tenants and migrations. Nothing is declared unless the files of all stacks are right. */
function readFiles() {
  try {
    const everyStack = loadTenants(settings.tenantsDir, { stack, ...settings });
    return {
      specs: tenantsOf(stack, settings.fleet, everyStack),
      canarySlugs: everyStack.filter(({ canary }) => canary).map(({ slug }) => slug),
      migrations: migrationHashes(migrationFiles(settings.migrations.folder)),
    };
  } catch (error) {
    // Errors are the user's to put right, and a stack trace would only hide them.
    throw error instanceof FileErrors ? new pulumi.RunError(error.message) : error;
  }
}
