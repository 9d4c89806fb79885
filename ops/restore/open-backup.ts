import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { type BackupManifest, manifestFileName, parseManifest } from "../../database/backup/backup-manifest";
import { type BackupDestination, DestinationError } from "../../database/backup/destination/backup-destination";
import { openDestination } from "../../database/backup/destination/open-destination";
import { schemaName } from "../../domain/names";
import { printable } from "../../domain/printable";
import { UsageError } from "../../domain/usage-error";
import { PROJECT_DIR } from "../stack/pulumi-cli";
import type { StackAccess } from "../stack/stack-access";
import { typedPath } from "../typed-path";

/** A backup whose manifest has been read; its archive has not. */
export interface Backup {
  readonly destination: BackupDestination;
  readonly manifest: BackupManifest;
  /** The archive's full name, for people. */
  readonly place: string;
}

/** A folder or `s3://…` before the last slash, and the name of an archive or a manifest after it. */
const BACKUP = /^(?:(.*)\/)?([^/]+)(\.dump|\.manifest\.json)$/s;

/**
 * Finds the backup that a person names, by its archive or its manifest, and reads the manifest.
 *
 * @param from A file's name at the stack's destination, or a path or `s3://` URL to one.
 * @param tenant The slug of the tenant that the backup has to be of.
 * @throws UsageError when `from` cannot be a backup. @throws Error when there is none, or it is of another tenant.
 */
export async function openBackup(from: string, tenant: string, access: StackAccess): Promise<Backup> {
  const [, folder, name, ending] = BACKUP.exec(from) ?? [];
  if (name === undefined) {
    const got = printable(JSON.stringify(from));
    throw new UsageError(`--from takes a backup's archive (….dump) or its manifest (….manifest.json); got ${got}`);
  }
  const location = folder === undefined ? configuredPlace(access) : typedPlace(folder);
  const destination = openDestination(location, { aws: access.aws });
  const manifestFile = manifestFileName(`${name}.dump`);
  const manifest = parseManifest(
    await manifestText(destination, manifestFile, ending === ".dump"),
    destination.place(manifestFile),
  );
  refuseOther(manifest, tenant, { asked: `${name}.dump`, place: destination.place(manifestFile) });
  return { destination, manifest, place: destination.place(manifest.archive.file) };
}

async function manifestText(destination: BackupDestination, file: string, archiveNamed: boolean): Promise<string> {
  try {
    return await text(await destination.read(file));
  } catch (error) {
    if (!(error instanceof DestinationError) || !archiveNamed) throw error;
    throw new Error(
      `${error.message}. A manifest is written once its backup has been verified: an archive without one is not restored`,
    );
  }
}

function refuseOther(manifest: BackupManifest, tenant: string, { asked, place }: { asked: string; place: string }) {
  const { archive, schema } = manifest;
  if (manifest.tenant !== tenant || schema !== schemaName(tenant)) {
    throw new Error(
      `${place} belongs to tenant ${printable(manifest.tenant)} (${printable(schema)}), not to ${tenant}; ` +
        "to restore a backup under another slug, name its own tenant first and the other one with --as",
    );
  }
  if (archive.file !== asked) throw new Error(`${place} is the manifest of another backup: it names ${archive.file}`);
}

/** Where the stack keeps its backups: a folder, or `s3://…`. */
export function configuredPlace({ settings }: Pick<StackAccess, "settings">): string {
  const { destination } = settings.backups;
  return isUrl(destination) ? destination : resolve(PROJECT_DIR, destination);
}

function typedPlace(folder: string): string {
  return isUrl(folder) ? folder : typedPath(folder === "" ? "/" : folder);
}

function isUrl(location: string): boolean {
  return /^[A-Za-z0-9]+:/.test(location);
}
