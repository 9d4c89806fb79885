import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { escapeIdentifier } from "pg";
import type { ConnectionTarget } from "../../domain/connection-string";
import { errorMessage } from "../error-message";
import { Digest, refuseOther } from "./archive-digest";
import type { ArchiveDigest } from "./backup-manifest";
import type { BackupDestination } from "./destination/backup-destination";
import { startProgram } from "./postgres-programs";
import type { Watch } from "./watch";

/** A dump waits this long for a table that somebody else has locked. */
const LOCK_WAIT = "60s";

/** What pg_dump is called with. */
export const dumpArguments = (schema: string) => [
  "--format=custom",
  `--schema=${escapeIdentifier(schema)}`,
  `--lock-wait-timeout=${LOCK_WAIT}`,
  // The hash of a value may be another where it is restored, and with it the partition that a row belongs in.
  "--load-via-partition-root",
  "--no-publications",
  "--no-subscriptions",
];

/** A quarter of the work of pg_dump's own level 6, while the tenant is shut out, for an archive that is an eighth bigger. */
const PACKED = "--compress=1";

const restoreArguments = ({ database }: ConnectionTarget, more: readonly string[]) => [
  "--exit-on-error",
  "--no-owner",
  "--no-privileges",
  "--no-publications",
  "--no-subscriptions",
  ...more,
  `--dbname=${database}`,
];

/**
 * Streams `pg_dump --format=custom` of one schema to a file of the destination. A dump that does not end well leaves no file.
 *
 * @param reader A login that may read every table of the schema.
 * @param signal Ends the dump, which fails then.
 */
export async function dumpSchema(
  schema: string,
  reader: ConnectionTarget,
  destination: BackupDestination,
  file: string,
  env: NodeJS.ProcessEnv,
  { signal, watch = {} }: { readonly signal?: AbortSignal; readonly watch?: Watch } = {},
): Promise<ArchiveDigest> {
  const { child, ended } = startProgram("pg_dump", [...dumpArguments(schema), PACKED], reader, env);
  signal?.addEventListener("abort", () => child.kill());
  // Of what nobody listens to when a program ends, Node throws away what it has written: a short dump, if the destination is slow.
  child.stdout.on("readable", () => {});
  const digest = new Digest(watch);
  async function* archive() {
    try {
      for await (const chunk of child.stdout) yield digest.update(chunk as Buffer);
      // Of a dump that was killed the pipe ends like that of one which is complete.
      await ended;
    } finally {
      child.kill();
    }
  }
  try {
    await destination.write(file, Readable.from(archive(), { objectMode: false }));
  } finally {
    child.kill();
    child.stdout.destroy();
    await ended.catch(() => {});
  }
  return { file, ...digest.value() };
}

/**
 * Restores an archive of the destination into a database, all of its objects owned by the login it is done with.
 *
 * @param expected What was written: the restore fails when what is read is anything else.
 * @param more Further options of pg_restore.
 */
export async function restoreArchive(
  destination: BackupDestination,
  expected: ArchiveDigest,
  owner: ConnectionTarget,
  env: NodeJS.ProcessEnv,
  more: readonly string[] = [],
  watch: Watch = {},
): Promise<void> {
  const archive = await destination.read(expected.file);
  const { child, ended } = startProgram("pg_restore", restoreArguments(owner, more), owner, env, watch.line);
  const digest = new Digest(watch);
  // Also what pg_restore does not want any more is read: the digest is of the whole.
  const read = feed(archive, child.stdin, digest).catch((error: unknown) => {
    child.kill();
    throw error;
  });
  const [fed, restored] = await Promise.allSettled([read, ended]);
  if (fed.status === "rejected") throw fed.reason;
  refuseOther(destination.place(expected.file), expected, digest.value());
  if (restored.status === "rejected") throw restored.reason;
}

/**
 * Copies a schema from one database to another, without a file in between.
 *
 * @param more Further options of pg_restore.
 * @throws Error with the words of the program that failed. Under `--single-transaction` nothing was copied then.
 */
export async function copySchema(
  schema: string,
  from: ConnectionTarget,
  to: ConnectionTarget,
  env: NodeJS.ProcessEnv,
  more: readonly string[],
  watch: Watch,
): Promise<void> {
  // What goes from one program to the other is not worth packing and unpacking.
  const dump = startProgram("pg_dump", [...dumpArguments(schema), "--compress=0"], from, env);
  const restore = startProgram("pg_restore", restoreArguments(to, more), to, env, watch.line);
  let bytes = 0;
  watch.bytes?.(bytes);
  dump.child.stdout.on("data", ({ length }: Buffer) => {
    bytes += length;
    watch.bytes?.(bytes);
  });
  let restoreWasFirst = false;
  const piped = pipeline(dump.child.stdout, restore.child.stdin).catch(() => {
    restoreWasFirst = dump.child.exitCode === null && dump.child.signalCode === null;
    dump.child.kill();
  });
  const [dumped, restored] = await Promise.allSettled([dump.ended, restore.ended, piped]);
  // pg_restore succeeds only when it has found every block that the archive's beginning announces: a dump that complains of
  // something then had written everything.
  if (restored.status === "fulfilled") return;
  // A dump that was ended because nobody reads it any more is no reason.
  const reasons = (restoreWasFirst ? [restored] : [dumped, restored]).flatMap((one) =>
    one.status === "rejected" ? [errorMessage(one.reason)] : [],
  );
  throw new Error(reasons.join("; "));
}

/** Reads an archive of the destination from end to end. @throws Error when it is not the one that was written. */
export async function proveArchive(
  destination: BackupDestination,
  expected: ArchiveDigest,
  watch: Watch = {},
): Promise<void> {
  const digest = new Digest(watch);
  for await (const chunk of await destination.read(expected.file)) digest.update(chunk as Buffer);
  refuseOther(destination.place(expected.file), expected, digest.value());
}

async function feed(archive: Readable, stdin: NodeJS.WritableStream & { destroyed?: boolean }, digest: Digest) {
  let open = true;
  // Unlike `once` of node:events, these do not fail when the program ends early, of which it tells itself.
  const closed = new Promise<void>((resolve) => {
    stdin.once("close", resolve);
  }).then(() => {
    open = false;
  });
  stdin.on("error", () => {
    open = false;
  });
  for await (const chunk of archive) {
    digest.update(chunk as Buffer);
    if (!open || stdin.write(chunk as Buffer)) continue;
    const drained = new Promise<void>((resolve) => {
      stdin.once("drain", resolve);
    });
    await Promise.race([drained, closed]);
  }
  stdin.end();
}
