/** What one stack is configured with (`Pulumi.<stack>.yaml`, namespace `b2b-tenants`), complete and checked. Carries no secret. */
export interface SettingsSpec {
  readonly aws: AwsSettings;
  readonly database: DatabaseSettings;
  readonly network: NetworkSettings;
  readonly server: ServerSettings;
  readonly backups: BackupSettings;
  readonly limits: LimitSettings;
  /** Folder of the tenant files, relative to the project folder or absolute. */
  readonly tenantsDir: string;
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
  /** The security group of the shared RDS instance; each server gets a rule in it. */
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
