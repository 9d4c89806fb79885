import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { tenantJsonSchema } from "../../domain/tenant-schema";

const PROJECT = join(__dirname, "..", "..");
const FILE = "tenants/tenant.schema.json";

test("the editors' schema is what the program checks with", () => {
  assert.equal(readFileSync(join(PROJECT, FILE), "utf8"), tenantJsonSchema());
});

test("--check fails when the schema is stale or missing, and printing it mends that", (t) => {
  const copy = mkdtempSync(join(tmpdir(), "b2b-tenants-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(join(PROJECT, "domain"), join(copy, "domain"), { recursive: true });
  symlinkSync(join(PROJECT, "node_modules"), join(copy, "node_modules"));
  mkdirSync(join(copy, "tenants"));
  const print = ["--import", "tsx", "domain/print-tenant-schema.ts"];
  const check = () => spawnSync(process.execPath, [...print, "--check"], { cwd: copy, encoding: "utf8" });
  const stale = `${FILE} is not what domain/tenant-schema.ts makes of it: run 'npm run fix' and commit the result.\n`;

  assert.deepEqual([check().status, check().stderr], [1, stale]);
  execFileSync(process.execPath, print, { cwd: copy });
  assert.deepEqual([check().status, check().stderr], [0, ""]);
  writeFileSync(join(copy, FILE), tenantJsonSchema().replace("frontendUrl", "frontend"));
  assert.deepEqual([check().status, check().stderr], [1, stale]);
});
