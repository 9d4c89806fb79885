/** Runs what a dynamic resource does. The SDK prints an error's stack to the user, who needs the message alone. */
export async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const plain = error instanceof Error ? error : new Error(String(error));
    plain.stack = "";
    throw plain;
  }
}
