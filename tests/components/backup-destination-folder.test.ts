import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, describe, it } from "node:test";
import { DestinationError } from "../../database/backup/destination/backup-destination";
import { FolderDestination } from "../../database/backup/destination/folder-destination";
import { openDestination } from "../../database/backup/destination/open-destination";

const FILE = "backup_acme_20261124T101500Z.dump";
const ARCHIVE = randomBytes(300_000);
const isRoot = process.getuid?.() === 0;

const scratch = mkdtempSync(path.join(tmpdir(), "backup-folder-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

let folders = 0;
/** A new folder's name; nothing is there yet. */
const newFolder = () => path.join(scratch, String(folders++), "backups");

/** What `work` is refused with. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => assert.fail("it was not refused"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DestinationError, String(error));
  return error.message;
}

async function* failingAfter(bytes: number, reason: Error) {
  yield ARCHIVE.subarray(0, bytes);
  throw reason;
}

describe("a backup in a folder", () => {
  it("is read as it was written, from a folder made for it, closed to everybody else", async () => {
    const folder = newFolder();
    const destination = new FolderDestination(folder);
    await destination.write(FILE, Readable.from([ARCHIVE.subarray(0, 100_000), ARCHIVE.subarray(100_000)]));
    assert.deepEqual(await buffer(await destination.read(FILE)), ARCHIVE);
    assert.equal(destination.place(FILE), path.join(folder, FILE));
    assert.deepEqual([readdirSync(folder), await destination.list()], [[FILE], [FILE]]);
    assert.deepEqual(await new FolderDestination(newFolder()).list(), []);
    assert.match(await refusal(new FolderDestination(path.join(folder, FILE)).list()), /cannot read .*ENOTDIR/);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(path.join(folder, FILE)).mode & 0o777, 0o600);
  });

  it("may be empty, or text", async () => {
    const destination = new FolderDestination(newFolder());
    await destination.write("empty", Readable.from([]));
    await destination.write("text", Readable.from(["{}", "\n"]));
    assert.equal((await buffer(await destination.read("empty"))).length, 0);
    assert.equal((await buffer(await destination.read("text"))).toString(), "{}\n");
  });

  it("is found relative to the project folder", () => {
    const aws = { region: "us-east-1" };
    assert.equal(openDestination("backups", { aws }).place(FILE), path.join(process.cwd(), "backups", FILE));
  });

  it("does not take the place of one that is there", async () => {
    const folder = newFolder();
    const destination = new FolderDestination(folder);
    await destination.write(FILE, Readable.from([ARCHIVE]));
    const content = Readable.from(["other"]);
    assert.match(
      await refusal(destination.write(FILE, content)),
      /: a file of this name is there already, and was not/,
    );
    assert.ok(content.destroyed);
    assert.deepEqual(readFileSync(path.join(folder, FILE)), ARCHIVE);
    assert.deepEqual(readdirSync(folder), [FILE]);
  });

  it("does not take the place of one that appears meanwhile", async () => {
    const folder = newFolder();
    const destination = new FolderDestination(folder);
    const content = new PassThrough();
    const written = refusal(destination.write(FILE, content));
    // Taken only once the destination has looked whether the name is free, and has begun to write.
    await new Promise((resolve) => content.write(randomBytes(content.writableHighWaterMark), resolve));
    writeFileSync(path.join(folder, FILE), "of somebody else");
    content.end();
    assert.match(await written, /is there already/);
    assert.equal(readFileSync(path.join(folder, FILE), "utf8"), "of somebody else");
    assert.deepEqual(readdirSync(folder), [FILE]);
  });
});

describe("of a backup that fails", () => {
  it("half-way because of its content nothing is left, and the content's error is passed on", async () => {
    const folder = newFolder();
    const broken = new Error("pg_dump was killed");
    await assert.rejects(
      new FolderDestination(folder).write(FILE, Readable.from(failingAfter(200_000, broken))),
      broken,
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it("before its first byte nothing is left either", async () => {
    const folder = newFolder();
    const content = new PassThrough();
    const broken = new Error("pg_dump is missing");
    const written = assert.rejects(new FolderDestination(folder).write(FILE, content), broken);
    content.destroy(broken);
    await written;
    assert.deepEqual(readdirSync(folder), []);
  });

  it("because its content ends without saying so nothing is left", async () => {
    const folder = newFolder();
    const content = new PassThrough();
    const written = assert.rejects(new FolderDestination(folder).write(FILE, content), /premature/i);
    content.write(ARCHIVE);
    content.destroy();
    await written;
    assert.deepEqual(readdirSync(folder), []);
  });

  it("because the disk takes no more nothing is left, and the message says what to do", () => {
    const folder = newFolder();
    const script = `
      const { Readable } = require("node:stream");
      const { FolderDestination } = require("./database/backup/destination/folder-destination.ts");
      const content = Readable.from(Array.from({ length: 32 }, () => Buffer.alloc(65536)));
      new FolderDestination(process.env.FOLDER).write("${FILE}", content).then(
        () => console.log("written"),
        (error) => console.log(error.constructor.name, content.destroyed, error.message),
      );`;
    // No file may grow beyond 1 MiB: for a writer the same as a disk that is full after so much.
    const limited = ["-c", 'ulimit -f 1024 && exec "$0" --import tsx -e "$1"', process.execPath, script];
    const { stdout, stderr } = spawnSync("bash", limited, {
      encoding: "utf8",
      env: { ...process.env, FOLDER: folder },
    });
    const place = path.join(folder, FILE);
    const expected = `DestinationError true cannot write ${place}: EFBIG: file too large, write; free space there, or name another folder in b2b-tenants:backups destination\n`;
    assert.equal(stdout, expected, stderr);
    assert.deepEqual(readdirSync(folder), []);
  });
});

describe("a folder is checked before a tenant is touched:", () => {
  it("one that can be written to is made, and left empty", async () => {
    const folder = newFolder();
    await new FolderDestination(folder).check();
    assert.deepEqual(readdirSync(folder), []);
  });

  it("one that the gates of many tenants make at once is made for all", async () => {
    const folder = path.join(newFolder(), "deeper");
    await Promise.all(Array.from({ length: 8 }, () => new FolderDestination(folder).check()));
    assert.deepEqual(readdirSync(folder), []);
  });

  it("one whose path leads through a file is refused", async () => {
    const folder = newFolder();
    mkdirSync(path.dirname(folder));
    writeFileSync(folder, "");
    for (const place of [path.join(folder, "deeper"), folder]) {
      assert.match(
        await refusal(new FolderDestination(place).check()),
        /(ENOTDIR|EEXIST).*; name a folder in b2b-tenants:backups/,
      );
    }
  });

  // Not even root can make anything there.
  it("one where nothing can be made is refused", { skip: !existsSync("/proc/self") }, async () => {
    for (const place of ["/proc/self", "/proc/backups"]) {
      const destination = new FolderDestination(place);
      assert.match(
        await refusal(destination.check()),
        /^cannot write to the folder \/proc\/.*b2b-tenants:backups destination/,
      );
      assert.match(
        await refusal(destination.write(FILE, Readable.from([ARCHIVE]))),
        /^cannot write \/proc\/.*dump: .*destination/,
      );
    }
  });

  it("one that belongs to others is refused", { skip: isRoot }, async () => {
    const folder = newFolder();
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o500);
    assert.match(
      await refusal(new FolderDestination(folder).check()),
      /EACCES: .*; let the login that deploys write there/,
    );
  });
});

describe("reading a backup from a folder", () => {
  it("that is not there fails with what to do", async () => {
    const destination = new FolderDestination(newFolder());
    const expected =
      /^cannot read .*backup_acme_20261124T101500Z\.dump: ENOENT: .*; there is no such file; check the name$/;
    assert.match(await refusal(destination.read(FILE)), expected);
  });

  it("whose name is a folder's fails", async () => {
    const folder = newFolder();
    mkdirSync(path.join(folder, FILE), { recursive: true });
    assert.match(await refusal(new FolderDestination(folder).read(FILE)), /: it is not a file$/);
  });

  it("fails when the file goes away before it is read", async () => {
    const folder = newFolder();
    const destination = new FolderDestination(folder);
    await destination.write(FILE, Readable.from([ARCHIVE]));
    const content = await destination.read(FILE);
    rmSync(path.join(folder, FILE));
    assert.match(await refusal(buffer(content)), /^cannot read .*ENOENT/);
  });
});

it("a place that is neither a folder nor a bucket is refused", () => {
  for (const place of ["gs://bucket/prefix", "s3:/bucket", "s3://", "s3//bucket/prefix", "~/backups", ""]) {
    assert.throws(() => openDestination(place, { aws: { region: "us-east-1" } }), DestinationError);
  }
});
