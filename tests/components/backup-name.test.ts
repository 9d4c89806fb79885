import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type BackupDestination, DestinationError } from "../../database/backup/destination/backup-destination";
import { FolderDestination } from "../../database/backup/destination/folder-destination";
import { archiveName } from "../../database/backup/take-backup";

const folder = mkdtempSync(join(tmpdir(), "backup-name-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a tenant that is backed up twice in a second has two backups", async () => {
  const destination = new FolderDestination(folder);
  const fencedAt = new Date("2026-11-24T10:59:59.123Z");
  const first = await archiveName(destination, "acme", fencedAt);
  assert.equal(first, "backup_acme_20261124T105959Z.dump");
  writeFileSync(join(folder, first), "archive");
  assert.equal(await archiveName(destination, "acme", fencedAt), "backup_acme_20261124T110000Z.dump");
  assert.equal(await archiveName(destination, "farma", fencedAt), "backup_farma_20261124T105959Z.dump");
});

test("no name is taken for free where nobody can tell", async () => {
  const destination = new FolderDestination(folder);
  const refused = new DestinationError("access denied");
  const closed: BackupDestination = Object.assign(destination, {
    list: () => Promise.reject(refused),
    read: () => Promise.reject(refused),
  });
  await assert.rejects(archiveName(closed, "acme", new Date()), refused);
});
