/** The command line is not right; the message says what is. */
export class UsageError extends Error {}
