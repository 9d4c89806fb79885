import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { check, type MigrationsInputs } from "../../components/dynamic/migrations-run";
import { migrationFiles, migrationHashes } from "../../database/migrations/migration-files";

describe("the migrations of a deployment", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "planned-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const write = (sql: string) => writeFileSync(join(folder, "0001_one.sql"), sql);
  const plan = () => migrationHashes(migrationFiles(folder));
  const checked = (files: MigrationsInputs["files"]) => check({}, { folder, files } as MigrationsInputs);

  it("are for all tenants the files that it was planned with, also when the folder changes meanwhile", async () => {
    write("select 1");
    const first = plan();
    await checked(first);
    write("select 2");
    await checked(first);
    const second = plan();
    await checked(second);
    write("select 3");
    await assert.rejects(checked(first), /changed while the deployment was running; nothing was run: deploy again$/);
    await checked(second);
  });
});
