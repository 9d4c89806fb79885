import * as pulumi from "@pulumi/pulumi";
import { INIT_SCRIPT } from "../database/init-script";
import { adminLogin } from "../domain/connection-string";
import { roleName, schemaName, ssmPath } from "../domain/names";
import type { SettingsSpec } from "../domain/settings-spec";
import type { TenantSpec } from "../domain/tenant-spec";
import { neverSkipped } from "./after-failure";
import { LoginHandover } from "./dynamic/login-handover";
import type { Migrations } from "./dynamic/migrations";
import { OffboardingGate } from "./dynamic/offboarding-gate";
import type { ServerGroup } from "./shared/server-network";
import { TenantDatabase } from "./tenant-database";
import type { MigrationPlan } from "./tenant-migrations";
import { type AlarmTopic, TenantServer } from "./tenant-server";

export interface TenantArgs {
  /** The tenant's file. Caution: its slug names everything; another slug is another tenant. */
  readonly spec: TenantSpec;
  /** The settings of the stack that declares the tenant. */
  readonly settings: SettingsSpec;
  /** Password of `settings.database.adminUser`: the tenant is looked at before it is made, and backed up before it is removed. */
  readonly adminPassword: pulumi.Input<string>;
  readonly migrations: MigrationPlan;
  /** The one that the servers of all tenants are in. */
  readonly securityGroup: ServerGroup;
  /** Who is told when the tenant's server fails; nobody is without it. */
  readonly alarmTopic?: AlarmTopic | undefined;
}

/** What people look up about a tenant: a row of the quick reference (docs/guia.es.md, section 8). Nothing in it is secret. */
export interface TenantSummary {
  readonly databaseUser: string;
  readonly schema: string;
  /** Host name or address of the tenant's server. */
  readonly server: pulumi.Output<string>;
  readonly ssmPath: string;
}

/**
 * One tenant: its database, then the server that logs in to it, then the gate that its removal has to pass. The server is made
 * after the database and removed before it, so that no backend finds its tables missing or keeps a session open on what is
 * being dropped.
 */
export class Tenant extends pulumi.ComponentResource {
  readonly slug: string;
  /** Undefined for one without a server, which is looked up in the stack that has it. */
  readonly summary: TenantSummary | undefined;
  /** What the others wait for if this tenant is a canary. */
  readonly migrations: Migrations;

  constructor(name: string, args: TenantArgs, opts: pulumi.ComponentResourceOptions) {
    // The types of components are short, since they are part of the URN of everything in them; they never change once deployed.
    super("b2b:index:Tenant", name, {}, neverSkipped(opts));
    const { spec, settings, adminPassword, migrations } = args;

    const database = new TenantDatabase(
      `${name}-database`,
      {
        slug: spec.slug,
        server: settings.database,
        adminPassword,
        ...spec.database,
        reserve: settings.limits.reserve,
        pooled: spec.server.pooler !== "none",
        passwordRotation: spec.rotation.password,
        initScript: INIT_SCRIPT,
        adopt: spec.adopt,
        migrations,
        lockTimeout: settings.migrations.lockTimeout,
        canary: spec.canary,
      },
      // A component's dependencies are not its children's: they are handed on.
      { parent: this, ...(opts.dependsOn ? { dependsOn: opts.dependsOn } : {}) },
    );

    this.slug = spec.slug;
    this.migrations = database.migrations;

    const server = spec.databaseOnly ? undefined : createServer(this, args, database);
    const served = server === undefined ? [] : [server.last, ...handLoginOver(this, args, server.last)];

    new OffboardingGate(
      `${name}-gate`,
      {
        tenant: spec.slug,
        schema: database.schema,
        role: roleName(spec.slug),
        ...adminLogin(settings.database, pulumi.secret(adminPassword)),
        ...settings.backups,
        region: settings.aws.region,
        backup: spec.offboarding.backup,
      },
      // On everything else of the tenant, so that it is the first to be deleted: what these two wait for it waits for, too. (The SDK
      // would write all that a component has into the state of every gate.)
      { parent: this, dependsOn: [database.migrations, ...served] },
    );

    this.summary = server && {
      databaseUser: roleName(spec.slug),
      schema: schemaName(spec.slug),
      server: server.host,
      ssmPath: ssmPath(settings.environment, spec.slug),
    };
    this.registerOutputs({});
  }
}

function createServer(
  parent: Tenant,
  { spec, settings, securityGroup, alarmTopic }: TenantArgs,
  database: TenantDatabase,
): TenantServer {
  const { slug, rotation } = spec;
  return new TenantServer(
    `${slug}-server`,
    {
      slug,
      environment: settings.environment,
      region: settings.aws.region,
      frontendUrl: spec.frontendUrl,
      allowedOrigins: spec.allowedOrigins,
      databaseUrl: database.connectionString,
      securityGroup,
      server: settings.server,
      ...spec.server,
      connectionLimit: spec.database.connectionLimit,
      secretKeyRotation: rotation.secretKey,
      serverRotation: rotation.server,
      alarmTopic,
    },
    { parent },
  );
}

/** Made when the server's parameters are: before its first rotation a tenant has but one login. */
function handLoginOver(parent: Tenant, { spec, settings, adminPassword }: TenantArgs, server: pulumi.Resource) {
  const { slug, rotation } = spec;
  if (rotation.password === 1) return [];
  return [
    new LoginHandover(
      `${slug}-handover`,
      {
        tenant: slug,
        rotation: rotation.password,
        patience: settings.server.handover,
        ...adminLogin(settings.database, adminPassword),
      },
      { parent, dependsOn: [server] },
    ),
  ];
}
