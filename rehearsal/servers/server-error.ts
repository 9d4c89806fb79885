/** A server could not be made or started. The message says what happened and what to do; no stack trace helps. */
export class ServerError extends Error {
  override readonly name = "ServerError";

  /** `advice` is a sentence that says what the reader can do about it. */
  constructor(what: string, advice: string, detail?: string) {
    super([`${what}. ${advice}`, detail?.trim()].filter(Boolean).join("\n"));
  }
}

const DISK_FULL = /no space left on device|ENOSPC|disk quota exceeded|EDQUOT/i;

/** The error for a failure whose own words may tell that the disk is full, which needs other advice than the rest. */
export function failureOf(what: string, advice: string, words: string, folder: string): ServerError {
  if (DISK_FULL.test(words)) {
    return new ServerError(
      `${what}: the disk that holds ${folder} is full`,
      "Make room there, or name another folder with --home, and run the same command again.",
    );
  }
  return new ServerError(what, advice, words);
}
