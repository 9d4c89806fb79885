import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { FileErrors } from "../../domain/file-errors";
import { loadTenants } from "../../domain/load-tenants";
import type { ReadingStack } from "../../domain/tenant-file";

/** The fleet stack that the tests read tenant files for. */
export const PROD: ReadingStack = {
  stack: "prod",
  fleet: true,
  network: {
    vpcId: "vpc-0123456789abcdef0",
    subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    databaseSecurityGroupId: "sg-0123456789abcdef0",
    ingress: [],
  },
  server: {
    ami: "ami-0123456789abcdef0",
    instanceType: "t3.micro",
    envFile: "~/backend/.env",
    owner: "ubuntu",
    service: "backend.service",
    handover: 600_000,
    pooler: "none",
  },
  limits: {
    connectionLimit: 10,
    statementTimeout: 30_000,
    idleInTransactionTimeout: 60_000,
    maxConnections: 80,
    reserve: 10,
  },
};

/** A throwaway tenants folder with these files, gone when the test ends. */
export function tenantsFolder(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>): string {
  const parent = mkdtempSync(join(tmpdir(), "b2b-tenants-"));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, "tenants");
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** The errors of a folder, without its path. */
export function errorsOf(folder: string, reading: ReadingStack = PROD): string[] {
  try {
    loadTenants(folder, reading);
  } catch (error) {
    if (error instanceof FileErrors) return error.errors.map((error) => error.replace(`${folder}/`, ""));
    throw error;
  }
  return [];
}
