/** Where backups may go. */

/**
 * A folder, absolute or relative to the project's. What looks like a mistyped address, or is a folder to a shell alone, is none: a backup
 * would be written where nobody looks for it.
 */
export const BACKUP_FOLDER = /^(?!~)(?!\s)(?![A-Za-z0-9.+-]+:)(\/|(?!.*\/\/))[^\p{C}]{0,999}[^\p{C}\s]$/u;

/** A bucket, with or without a prefix. */
export const BACKUP_BUCKET = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9_.-]+)*\/?$/;
