import type { Pooler } from "./pooler";

/** What one stack is configured with (`Pulumi.<stack>.yaml`, namespace `b2b-tenants`), complete and checked. Carries no secret. */
export interface SettingsSpec {
  /** Part of what is named after a tenant in AWS; the same in all stacks of one environment. */
  readonly environment: string;
  readonly aws: AwsSettings;
  readonly database: DatabaseSettings;
  readonly network: NetworkSettings;
  readonly server: ServerSettings;
  readonly backups: BackupSettings;
  readonly limits: LimitSettings;
  readonly migrations: MigrationSettings;
  /** Undefined: nobody is told of anything. */
  readonly alarms?: AlarmSettings | undefined;
  /** Folder of the tenant files, relative to the project folder or absolute. */
  readonly tenantsDir: string;
  /** How many tenants the command `add` puts into this stack. */
  readonly room?: number | undefined;
  /** Whether this stack declares `SharedDatabase` and the tenants that name no stack. */
  readonly fleet: boolean;
}

export interface AwsSettings {
  /** The region that the default aws provider works in (`aws:region`): a server reads its parameters from there. */
  readonly region: string;
}

export interface DatabaseSettings {
  readonly host: string;
  readonly port: number;
  /** The one database that all tenants share. */
  readonly name: string;
  /** The provisioning login. No tenant ever sees it. */
  readonly adminUser: string;
  readonly sslmode: "disable" | "require" | "verify-ca" | "verify-full";
}

export interface IngressRule {
  readonly port: number;
  readonly cidr: string;
  readonly description: string;
}

export interface NetworkSettings {
  readonly vpcId: string;
  /** Subnets that servers may be placed in; the new server of a tenant that names none is placed in the first. */
  readonly subnetIds: readonly string[];
  /** The security group of the shared RDS instance; the security group of all servers gets a rule in it. */
  readonly databaseSecurityGroupId: string;
  /** What may reach a tenant's server. Port 22 is refused: Session Manager is the way in. */
  readonly ingress: readonly IngressRule[];
}

export interface ServerSettings {
  /** AMI id, pinned: a lookup of "latest" replaces servers by surprise. */
  readonly ami: string;
  /** EC2 instance type of a tenant that names none. */
  readonly instanceType: string;
  /** The backend's `.env` on the server; `~` is the owner's home. */
  readonly envFile: string;
  /** The login that owns the `.env`. */
  readonly owner: string;
  /** The systemd unit that is restarted when the `.env` changed. */
  readonly service: string;
  /** Milliseconds that a rotation of a database password waits until the server uses the new login. */
  readonly handover: number;
  /** What stands between the backend and the database, of a tenant that says nothing. */
  readonly pooler: Pooler;
}

export interface BackupSettings {
  /** A folder, or `s3://bucket/prefix`. */
  readonly destination: string;
  /** The KMS key that a backup in S3 is encrypted with, as id, ARN or `alias/NAME`; S3's own key when it is left out. */
  readonly kmsKeyId?: string;
}

export interface LimitSettings {
  /** Defaults of the tenants that name none. Timeouts in milliseconds. */
  readonly connectionLimit: number;
  readonly statementTimeout: number;
  readonly idleInTransactionTimeout: number;
  /** `max_connections` of the shared server. */
  readonly maxConnections: number;
  /** Connections kept for the admin and the server's own. */
  readonly reserve: number;
}

export interface MigrationSettings {
  /** Folder of the migrations, relative to the project folder or absolute. */
  readonly folder: string;
  /** Milliseconds that a statement may wait for a lock. */
  readonly lockTimeout: number;
}

export interface AlarmSettings {
  /** E-mail addresses that are told. Each has to confirm once, by the link in a message of AWS's. */
  readonly addresses: readonly string[];
  /** Identifier of the shared RDS instance, for example `b2b-platform`. The fleet stack's alarms look at it. */
  readonly databaseInstance: string;
  /** What the RDS instance has allocated for its data, in GiB: CloudWatch knows only what is free of it. */
  readonly allocatedStorage: number;
  readonly thresholds: AlarmThresholds;
}

/** Where the database's alarms go off: the thresholds of docs/guia.es.md, section 7, unless the stack's file says otherwise. */
export interface AlarmThresholds {
  /** Above this for 15 minutes, in percent of the CPU. @default 80 */
  readonly cpuPercent: number;
  /** Below this, in MiB. @default 100 */
  readonly freeableMemory: number;
  /** Below this, in percent of `allocatedStorage`. @default 10 */
  readonly freeStoragePercent: number;
  /** A warning above this many connections at once. @default 15 */
  readonly connectionsWarning: number;
  /** An alarm above this many; more than `connectionsWarning`. @default 18 */
  readonly connectionsAlarm: number;
}
