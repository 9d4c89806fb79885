import { errorMessage } from "../../database/error-message";

/**
 * A function of a dynamic resource as a deployment may call it: whatever it fails with reaches the user as a printable message. The
 * SDK would print an error's stack, so that is emptied.
 */
export function withPlainErrors<Args extends readonly unknown[], Result>(
  work: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await work(...args);
    } catch (error) {
      const plain = new Error(errorMessage(error));
      plain.stack = "";
      throw plain;
    }
  };
}
