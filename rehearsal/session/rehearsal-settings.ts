import { userInfo } from "node:os";
import { isPlaceholder } from "../../domain/placeholders";
import type { AccountSettings } from "../servers/account";
import type { MotoServer } from "../servers/moto";
import type { PostgresServer } from "../servers/postgres";
import { type StackFile, section } from "./stack-config";

/** What stands on this machine in the place of RDS and AWS. */
export interface RehearsalSite {
  readonly postgres: PostgresServer;
  readonly moto: MotoServer;
  readonly region: string;
  readonly account: AccountSettings;
  /** Folder for the backups of removed tenants. */
  readonly backups: string;
  readonly tenantsDir: string;
  readonly migrationsDir: string;
}

/** Settings by their full keys, for example `b2b-tenants:database`. */
export interface RehearsalSettings {
  readonly values: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** What has to be laid over a stack's settings for the program to meet this machine's servers instead of production's. */
export function rehearsalSettings(file: StackFile, site: RehearsalSite): RehearsalSettings {
  const { postgres, moto, account } = site;
  return {
    values: {
      ...awsSettings(moto, site.region),
      "b2b-tenants:database": {
        ...section(file, "b2b-tenants:database"),
        host: postgres.host,
        port: postgres.port,
        name: postgres.database,
        adminUser: postgres.adminUser,
        // The server from PyPI is built without TLS; it listens on loopback only.
        sslmode: "disable",
      },
      "b2b-tenants:network": { ...section(file, "b2b-tenants:network"), ...account.network },
      "b2b-tenants:server": {
        ...section(file, "b2b-tenants:server"),
        ...account.server,
        owner: userInfo().username,
        // No backend runs here by itself, so there is none to wait for.
        handover: "0s",
      },
      ...alarms(file),
      "b2b-tenants:backups": { destination: site.backups },
      "b2b-tenants:migrations": { ...section(file, "b2b-tenants:migrations"), folder: site.migrationsDir },
      "b2b-tenants:tenantsDir": site.tenantsDir,
    },
    secrets: {
      "b2b-tenants:adminPassword": postgres.adminPassword,
      "aws:secretKey": moto.credentials.secretAccessKey,
    },
  };
}

/** Nobody gets a message of the emulator's. */
function alarms(file: StackFile): Record<string, unknown> {
  const { addresses, ...rest } = section(file, "b2b-tenants:alarms");
  if (!Array.isArray(addresses)) return {};
  const told = addresses.map((address) => (isPlaceholder(address) ? "ops@example.com" : address));
  return { "b2b-tenants:alarms": { addresses: told, ...rest } };
}

/** The region that the stack's file names. */
export function regionOf(file: StackFile): string {
  return String(file.values["aws:region"] ?? "us-east-1");
}

/** What the program and its provider call, by the names that the provider has for them. */
const SERVICES = ["cloudwatch", "ec2", "iam", "sns", "ssm", "sts"];

function awsSettings({ endpoint, credentials }: MotoServer, region: string): Record<string, unknown> {
  return {
    "aws:region": region,
    "aws:accessKey": credentials.accessKeyId,
    "aws:endpoints": [Object.fromEntries(SERVICES.map((service) => [service, endpoint]))],
    "aws:skipCredentialsValidation": true,
    "aws:skipRequestingAccountId": true,
    "aws:skipMetadataApiCheck": true,
    "aws:s3UsePathStyle": true,
  };
}
