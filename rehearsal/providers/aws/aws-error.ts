/** How calls of AWS's API fail, in the real provider's words. */

/** Does `work`; a failure says what was being done. */
export function doing<T>(what: string, work: () => Promise<T>): Promise<T>;
/** The same; undefined when AWS answers with one of the codes in `gone`. */
export function doing<T>(what: string, work: () => Promise<T>, gone: readonly string[]): Promise<T | undefined>;
export async function doing<T>(
  what: string,
  work: () => Promise<T>,
  gone: readonly string[] = [],
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && gone.includes(codeOf(error))) return undefined;
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
