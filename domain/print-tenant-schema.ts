import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tenantJsonSchema } from "./tenant-schema";

// Writes tenants/tenant.schema.json; with --check, only says whether the one that is there is current.

const FILE = "tenants/tenant.schema.json";
const path = join(__dirname, "..", FILE);
const current = tenantJsonSchema();

if (!process.argv.includes("--check")) {
  writeFileSync(path, current);
} else if (written() !== current) {
  console.error(`${FILE} is not what domain/tenant-schema.ts makes of it: run 'npm run fix' and commit the result.`);
  process.exitCode = 1;
}

function written(): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
