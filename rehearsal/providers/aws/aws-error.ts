/** Whether AWS answered with one of these error codes. */
export function isAwsError(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes(codeOf(error));
}

/** `work`'s outcome, or `otherwise` when AWS answered with one of the codes. */
export async function unlessAwsError<T, U>(work: Promise<T>, codes: readonly string[], otherwise: U): Promise<T | U> {
  try {
    return await work;
  } catch (error) {
    if (isAwsError(error, ...codes)) return otherwise;
    throw error;
  }
}

/** Does `work`; a failure says what was being done, in the real provider's words. */
export async function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${what}: ${describe(error)}`);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number; requestId?: string } };
  if (!$metadata?.httpStatusCode) return error.message || codeOf(error);
  const request = `https response error StatusCode: ${$metadata.httpStatusCode}, RequestID: ${$metadata.requestId ?? ""}`;
  return `${request}, ${codeOf(error)}: ${error.message}`;
}

/** The SDK gives errors of IAM and SSM a name with a suffix that their code in the API does not have, or has. */
function codeOf(error: Error): string {
  return (error as { Code?: string }).Code ?? error.name;
}
