import { statfsSync } from "node:fs";

/** A server could not be made or started. The message says what happened and what to do; no stack trace helps. */
export class ServerError extends Error {
  override readonly name = "ServerError";

  /** `advice` is a sentence that says what the reader can do about it. */
  constructor(what: string, advice: string, detail?: string) {
    super([`${what}. ${advice}`, detail?.trim()].filter(Boolean).join("\n"));
  }
}

const DISK_FULL = /no space left on device|ENOSPC|disk quota exceeded|EDQUOT/i;
/** Less than this is full for everything that is installed or started here. */
const FULL_BELOW_BYTES = 4 * 1024 * 1024;

/**
 * The error for a failure that a full disk may be behind, which needs other advice than the rest. `words` are the failed program's
 * own, not all of which tell; `elsewhere` says how another folder is named.
 */
export function failureOf(
  what: string,
  advice: string,
  words: string,
  folder: string,
  elsewhere = "--home",
): ServerError {
  if (DISK_FULL.test(words) || freeBytes(folder) < FULL_BELOW_BYTES) {
    const room = `Make room there, or name another folder with ${elsewhere}, and run the same command again.`;
    return new ServerError(`${what}: the disk that holds ${folder} is full`, room);
  }
  return new ServerError(what, advice, words);
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
