import * as pulumi from "@pulumi/pulumi";
import { record } from "./recorder";

export interface Program {
  /** A folder of tenant files. */
  readonly tenantsDir: string;
  readonly fleet: boolean;
  /** @default "prod" */
  readonly stack?: string;
  /** Sections of the settings, in addition or instead. */
  readonly more?: Readonly<Record<string, object>>;
}

/** The settings of a stack, as the engine hands them to the program and to a policy pack. */
export function configOf({ tenantsDir, fleet, more = {} }: Program): Record<string, string> {
  const settings = {
    environment: "prod",
    database: { host: "db.example.com", port: 5432, name: "postgres", adminUser: "postgres", sslmode: "require" },
    network: {
      vpcId: "vpc-0123456789abcdef0",
      subnetIds: ["subnet-0123456789abcdef0"],
      databaseSecurityGroupId: "sg-0123456789abcdef0",
    },
    server: {
      ami: "ami-0123456789abcdef0",
      instanceType: "t3.micro",
      envFile: "~/backend/.env",
      owner: "ubuntu",
      service: "backend.service",
    },
    backups: { destination: "s3://backups/tenants" },
    limits: {
      defaults: { connectionLimit: 5, statementTimeout: "30s", idleInTransactionTimeout: "1min" },
      maxConnections: 80,
      reserve: 10,
    },
    tenantsDir,
    fleet,
    ...more,
  };
  const own = Object.entries(settings).map(([key, value]) => [
    `b2b-tenants:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return { ...Object.fromEntries(own), "aws:region": "us-east-1", "b2b-tenants:adminPassword": "admin-secret" };
}

type Outputs = Awaited<ReturnType<typeof import("../../index")>>;

/** Runs index.ts as a stack; gives what it registered, and its exports or the error that it ended with. */
export function runProgram(program: Program) {
  return record(async (): Promise<{ outputs?: Outputs; error?: unknown }> => {
    pulumi.runtime.setAllConfig(configOf(program), ["b2b-tenants:adminPassword"]);
    const file = require.resolve("../../index");
    delete require.cache[file];
    try {
      return { outputs: await require(file)() };
    } catch (error) {
      return { error };
    }
  }, program.stack);
}
