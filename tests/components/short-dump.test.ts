import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { dumpSchema } from "../../database/backup/archive";
import type { BackupDestination } from "../../database/backup/destination/backup-destination";
import { TARGET } from "./target";

const DUMP = "the whole dump";

let folder: string;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "short-dump-"));
  const script = `#!/bin/sh\nprintf '${DUMP}'\necho $$ > '${folder}/unready' && mv '${folder}/unready' '${folder}/pid'\n`;
  writeFileSync(path.join(folder, "pg_dump"), script, { mode: 0o755 });
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Resolves when this process has noticed that the dump has ended, and has done what it does then. */
async function dumpEnded(): Promise<void> {
  const pid = path.join(folder, "pid");
  while (!existsSync(pid) || isThere(Number(readFileSync(pid, "utf8")))) await setImmediate();
  for (let turn = 0; turn < 10; turn++) await setImmediate();
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function dumpTo(write: (content: Readable) => Promise<void>) {
  rmSync(path.join(folder, "pid"), { force: true });
  const destination = { write: (_file: string, content: Readable) => write(content) } as BackupDestination;
  return dumpSchema("schema_acme", TARGET, destination, "backup.dump", { PATH: `${folder}:/usr/bin:/bin` });
}

it("a dump that has ended before the destination begins to read arrives whole", async () => {
  let arrived = "";
  const { bytes } = await dumpTo(async (content) => {
    await dumpEnded();
    arrived = await text(content);
  });
  assert.deepEqual([arrived, bytes], [DUMP, DUMP.length]);
});

it("a destination that refuses a dump unread is told of, and the dump is not waited for", async () => {
  await assert.rejects(
    dumpTo(async (content) => {
      await dumpEnded();
      content.destroy();
      throw new Error("no room");
    }),
    { message: "no room" },
  );
});
