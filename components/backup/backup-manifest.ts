import type { SchemaContents } from "./schema-contents";

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
  /** Versions, as `16.14`. */
  readonly server: string;
  readonly pgDump: string;
  /** As `b2b-tenants 0.1.0`. */
  readonly tool: string;
}

export interface ArchiveDigest {
  /** Name of the file beside the manifest, as `backup_acme_20261124T101500Z.dump`. */
  readonly file: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}
