import type { MigrationPlan } from "../../components/tenant-migrations";
import type { AlarmSettings, SettingsSpec } from "../../domain/settings-spec";
import type { TenantSpec } from "../../domain/tenant-spec";

/** Settings of a fleet stack, as a component sees them. */
export const SETTINGS: SettingsSpec = {
  environment: "prod",
  aws: { region: "us-east-1" },
  database: { host: "db.example.com", port: 5433, name: "postgres", adminUser: "postgres", sslmode: "require" },
  network: {
    vpcId: "vpc-1",
    subnetIds: ["subnet-1"],
    databaseSecurityGroupId: "sg-database",
    ingress: [
      { port: 443, cidr: "0.0.0.0/0", description: "HTTPS" },
      { port: 443, cidr: "2001:db8::/32", description: "HTTPS of the office" },
    ],
  },
  server: {
    ami: "ami-1",
    instanceType: "t3.micro",
    envFile: "~/app/backend/.env",
    owner: "ubuntu",
    service: "backend",
    handover: 600_000,
    pooler: "none",
  },
  backups: { destination: "s3://backups/tenants" },
  limits: {
    connectionLimit: 5,
    statementTimeout: 30000,
    idleInTransactionTimeout: 60000,
    maxConnections: 100,
    reserve: 10,
  },
  migrations: { folder: "sql/migrations", lockTimeout: 3000 },
  tenantsDir: "tenants",
  fleet: true,
};

/** Of a commit without any, and a fleet without canaries. */
export const NO_MIGRATIONS: MigrationPlan = { folder: "sql/migrations", files: {}, canaries: [], first: [] };

export function tenantSpec(changes: Partial<TenantSpec> = {}): TenantSpec {
  return {
    slug: "acme",
    file: "tenants/acme.yaml",
    frontendUrl: "https://acme.example.com",
    allowedOrigins: ["http://localhost:3000"],
    stack: undefined,
    database: { connectionLimit: 5, statementTimeout: 30000, idleInTransactionTimeout: 60000 },
    server: { instanceType: "t3.small", subnetId: "subnet-1", subnetNamed: false, pooler: "none" },
    rotation: { password: 1, secretKey: 2, server: 1 },
    adopt: false,
    canary: false,
    databaseOnly: false,
    offboarding: { backup: true },
    ...changes,
  };
}

/** Alarms of a fleet stack, with the guide's thresholds. */
export const ALARMS: AlarmSettings = {
  addresses: ["ops@example.com"],
  databaseInstance: "b2b-platform",
  allocatedStorage: 20,
  thresholds: {
    cpuPercent: 80,
    freeableMemory: 100,
    freeStoragePercent: 10,
    connectionsWarning: 15,
    connectionsAlarm: 18,
  },
};
