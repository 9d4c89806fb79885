// A pg_restore that ends before it has read everything.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { after, before, it } from "node:test";
import { copySchema, restoreArchive } from "../../database/backup/archive";
import type { BackupDestination } from "../../database/backup/destination/backup-destination";
import { TARGET } from "./target";

const REASON = { message: /^pg_restore failed with exit status 1: the disk is full$/ };
const CHUNK = Buffer.alloc(64 * 1024, 1);
const CHUNKS = 400;

let folder: string;
const env = () => ({ PATH: `${folder}:/usr/bin:/bin` });

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "early-restore-"));
  const program = (name: string, script: string) =>
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  program("pg_restore", "head -c 100000 > /dev/null; echo 'the disk is full' >&2; exit 1");
  program("pg_dump", `head -c ${CHUNKS * CHUNK.length} /dev/zero`);
});
after(() => rmSync(folder, { recursive: true, force: true }));

it("a restore fails with pg_restore's own words, and the archive is read to its end all the same", async () => {
  const whole = createHash("sha256");
  for (let index = 0; index < CHUNKS; index += 1) whole.update(CHUNK);
  const archive = { file: "backup.dump", bytes: CHUNKS * CHUNK.length, sha256: whole.digest("hex") };
  const content = () => Readable.from(Array.from({ length: CHUNKS }, () => CHUNK));
  const destination = { read: async () => content(), place: (file: string) => file } as unknown as BackupDestination;
  await assert.rejects(restoreArchive(destination, archive, TARGET, env()), REASON);
});

it("a copy fails with the words of pg_restore alone, not with the end of the pg_dump that it has no use for", async () => {
  await assert.rejects(copySchema("schema_acme", TARGET, TARGET, env(), [], {}), REASON);
});
