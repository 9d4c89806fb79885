import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { withOutputsOnDemand, withoutDebugMessages, withoutStackTraces } from "./components/lean-sdk";
import { Alarms } from "./components/shared/alarms";
import { findServerGroup, ServerNetwork } from "./components/shared/server-network";
import { SharedDatabase } from "./components/shared/shared-database";
import { Tenant } from "./components/tenant";
import { migrationFiles, migrationHashes } from "./database/migrations/migration-files";
import { FileErrors } from "./domain/file-errors";
import { loadTenants } from "./domain/load-tenants";
import { topicName } from "./domain/names";
import type { SettingsSpec } from "./domain/settings-spec";
import type { TenantSpec } from "./domain/tenant-spec";
import { tenantsOf } from "./domain/tenants-of";
import { readSettings } from "./settings";

/**
 * Declares what tenants share, where this is the fleet stack, and the tenants of this stack.
 *
 * @returns The stack's outputs: a row of the quick reference (docs/guia.es.md, section 8) for every tenant, by slug. Nothing in them is secret.
 */
export = async () => {
  withoutStackTraces();
  withoutDebugMessages();
  withOutputsOnDemand();
  const stack = pulumi.getStack();
  const { spec: settings, adminPassword } = readSettings();
  const { specs, canarySlugs, migrations } = readFiles(stack, settings);
  // Looked for before anything is declared: nothing is to be made by a run that has to end without it.
  const foundGroup = settings.fleet ? undefined : await findServerGroup(settings);

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
  const securityGroup =
    foundGroup ?? new ServerNetwork("servers", settings, sharedDatabase ? { dependsOn: [sharedDatabase] } : {});

  const { alarms: alarmSettings, environment } = settings;
  const alarms =
    alarmSettings && settings.fleet ? new Alarms("alarms", { settings: alarmSettings, environment }) : undefined;
  const alarmTopic = alarmSettings && {
    name: topicName(environment, alarmSettings.databaseInstance),
    resource: alarms?.topic,
  };

  const declare = (spec: TenantSpec, before: readonly Tenant[] = []) =>
    new Tenant(
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
        securityGroup,
        alarmTopic,
      },
      { providers, ...(sharedDatabase ? { dependsOn: [sharedDatabase] } : {}) },
    );

  const canaries = specs.filter(({ canary }) => canary).map((spec) => declare(spec));
  const others = specs.filter(({ canary }) => !canary).map((spec) => declare(spec, canaries));
  const rows = [...canaries, ...others].flatMap(({ summary, slug }) =>
    summary === undefined ? [] : [[slug, { ...summary, stack }] as const],
  );
  return { tenants: Object.fromEntries(rows) };
};

/** Tenants and migrations. Nothing is declared unless the files of all stacks are right. */
function readFiles(stack: string, settings: SettingsSpec) {
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
