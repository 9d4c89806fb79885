import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { staleFiles } from "../../docs/generated";
import { tenantJsonSchema } from "../../domain/tenant-schema";

const PROJECT = join(__dirname, "..", "..");
const SCHEMA = "tenants/tenant.schema.json";

test("the editors' schema is what the program checks with", () => {
  assert.equal(readFileSync(join(PROJECT, SCHEMA), "utf8"), tenantJsonSchema());
});

test("--check fails when the schema or a table is stale or missing, and generating mends that", (t) => {
  const copy = mkdtempSync(join(tmpdir(), "b2b-tenants-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  for (const part of ["docs", "CONTRIBUTING.md", SCHEMA]) {
    cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
  }
  const generate = ["--require", require.resolve("tsx/cjs"), join(PROJECT, "docs/generate.ts")];
  const check = () => {
    const { status, stderr } = spawnSync(process.execPath, [...generate, "--check"], { cwd: copy, encoding: "utf8" });
    return [status, stderr];
  };
  const stale = (file: string) =>
    `${file} is not what the code makes of it: run 'npm run fix' and commit the result.\n`;
  const settings = join(copy, "docs/settings.md");

  assert.deepEqual([...staleFiles(copy)], []);
  rmSync(join(copy, SCHEMA));
  writeFileSync(settings, readFileSync(settings, "utf8").replace("| `5432` |", "| `5433` |"));
  assert.deepEqual(check(), [1, stale(SCHEMA) + stale("docs/settings.md")]);
  execFileSync(process.execPath, generate, { cwd: copy });
  assert.deepEqual(check(), [0, ""]);
  writeFileSync(join(copy, SCHEMA), tenantJsonSchema().replace("frontendUrl", "frontend"));
  assert.deepEqual([...staleFiles(copy).keys()], [SCHEMA]);
});
