import type { Readable } from "node:stream";

/**
 * Where backups are kept. A backup is lost customer data if it is cut short, so a file is there under its name only once it is
 * there whole.
 */
export interface BackupDestination {
  /** A file's full name for people, for example `/srv/backups/backup_acme_….dump` or `s3://bucket/prefix/backup_acme_….dump`. */
  place(file: string): string;
  /**
   * Proves, as far as that can be told without a backup, that one can be written. Called before the tenant is fenced.
   *
   * @throws DestinationError
   */
  check(): Promise<void>;
  /**
   * Writes a file, whole or not at all: when `content` fails, or the destination does, nothing is left under the name.
   *
   * @throws DestinationError when the destination fails; what `content` fails with, when that is.
   */
  write(file: string, content: Readable): Promise<void>;
  /** @throws DestinationError when there is no such file, or it cannot be read. A stream that breaks off fails with one. */
  read(file: string): Promise<Readable>;
  /** Names of the files that are there, in no order. @throws DestinationError */
  list(): Promise<string[]>;
}

/** The message names the place, what went wrong, and what to do. */
export class DestinationError extends Error {}
