import type { AwsClientSettings } from "../../../domain/aws-access";
import { BACKUP_FOLDER } from "../../../domain/backup-location";
import { type BackupDestination, DestinationError } from "./backup-destination";
import { FolderDestination } from "./folder-destination";
import { S3Destination } from "./s3-destination";

export interface DestinationOptions {
  readonly aws: AwsClientSettings;
  /** KMS key that S3 encrypts with, as id, ARN or `alias/NAME`; default S3's own key. */
  readonly kmsKeyId?: string;
}

/**
 * The destination that `b2b-tenants:backups destination`, or a person, names. Nothing is looked up yet.
 *
 * @param location A folder, or `s3://BUCKET/PREFIX`; the prefix may be missing.
 * @throws DestinationError when it is neither.
 */
export function openDestination(location: string, { aws, kmsKeyId }: DestinationOptions): BackupDestination {
  const s3 = /^s3:\/\/([^/]+)\/*(.*?)\/*$/.exec(location);
  if (s3) return new S3Destination({ bucket: s3[1] as string, prefix: s3[2] as string, aws, kmsKeyId });
  if (!BACKUP_FOLDER.test(location)) {
    throw new DestinationError(`backups go to a folder, or to s3://BUCKET/PREFIX; got ${JSON.stringify(location)}`);
  }
  return new FolderDestination(location);
}
