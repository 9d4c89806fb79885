import { z } from "zod";
import { printable } from "../../domain/printable";
import type { SchemaContents } from "./contents/schema-contents";

/** What is known of a backup; kept beside the archive as JSON. It is written last, so a backup that has one was verified. */
export interface BackupManifest extends SchemaContents {
  readonly format: 1;
  readonly tenant: string;
  readonly schema: string;
  readonly role: string;
  /** When the tenant was fenced, and when the archive was verified: ISO 8601, UTC. */
  readonly fencedAt: string;
  readonly verifiedAt: string;
  readonly archive: ArchiveDigest;
  /** Versions, for example `16.14`. */
  readonly server: string;
  readonly pgDump: string;
  /** As `b2b-tenants 0.1.0`. */
  readonly tool: string;
}

export interface ArchiveDigest {
  /** Name of the file beside the manifest, for example `backup_acme_20261124T101500Z.dump`. */
  readonly file: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

const ARCHIVE_NAME = /^backup_[a-z][a-z0-9_]*_\d{8}T\d{6}Z\.dump$/;

const count = z.int().nonnegative();

/** Keys that a later version of the program may have added are let pass: they change nothing of what is checked with these. */
const manifestSchema = z.object({
  format: z.literal(1),
  tenant: z.string(),
  schema: z.string(),
  role: z.string(),
  fencedAt: z.iso.datetime(),
  verifiedAt: z.iso.datetime(),
  archive: z.object({
    file: z.string().regex(ARCHIVE_NAME),
    bytes: count,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  server: z.string(),
  pgDump: z.string(),
  tool: z.string(),
  tables: z.array(
    z.object({ name: z.string(), rows: count, checksum: z.string(), hashPartitionOf: z.string().optional() }),
  ),
  sequences: z.array(
    z.object({ name: z.string(), lastValue: z.string().regex(/^-?\d{1,19}$/), isCalled: z.boolean() }),
  ),
  structure: z.array(z.string()),
});

/** The manifest's name, of the archive's: `backup_acme_20261124T101500Z.manifest.json`. */
export function manifestFileName(archiveFile: string): string {
  return archiveFile.replace(/\.dump$/, ".manifest.json");
}

/**
 * The manifest that a file holds.
 *
 * @param place Where the text comes from, as a message names it.
 * @throws Error that names the place and what is wrong with it.
 */
export function parseManifest(text: string, place: string): BackupManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${place} is no manifest of a backup: it is not JSON, or was cut short`);
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (format !== undefined && format !== 1) {
    throw new Error(
      `${place} has the format ${printable(JSON.stringify(format))}, and this version of the program reads 1 only: use a newer one`,
    );
  }
  const { data, error } = manifestSchema.safeParse(value);
  if (data) return data;
  const errors = error.issues.map(
    ({ path, message }) => `${path.length > 0 ? `'${path.join(".")}'` : "all of it"}: ${message}`,
  );
  throw new Error(`${place} is no manifest of a backup: ${printable(errors.join("; "))}`);
}
