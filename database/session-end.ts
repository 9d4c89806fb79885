import { type Client, DatabaseError } from "pg";
import { errorMessage } from "./error-message";

/** What each session was ended with, in the server's words if it has said any. */
const endings = new WeakMap<Client, Error>();

/** What each session was last refused for want of permission. */
const denials = new WeakMap<Client, DatabaseError>();

/**
 * Lets whatever fails because the server has ended the session fail with what the server said, which may have come between two
 * statements: by itself the driver says no more than that there is no connection. Unheard, that would end the process.
 */
export function tellHowItEnds(client: Client): void {
  client.on("error", (error) => note(client, error));
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const told = (...args: unknown[]) => {
    const result = query(...args);
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw inServersWords(client, error);
    });
  };
  client.query = told as typeof client.query;
}

/** The error that a statement has failed with, or what the server had ended the session with. */
export function inServersWords(client: Client, error: unknown): unknown {
  if (error instanceof DatabaseError) {
    if (isDenied(error)) denials.set(client, error);
    if (error.severity === "FATAL" || error.severity === "PANIC") note(client, error);
    return error;
  }
  const ending = endings.get(client);
  return ending instanceof DatabaseError
    ? new Error(`the server has ended the session: ${errorMessage(ending)}`)
    : error;
}

function note(client: Client, error: Error): void {
  if (!(endings.get(client) instanceof DatabaseError)) endings.set(client, error);
}

/** Whether the server has refused something for want of permission. */
export function isDenied(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.code === "42501";
}

/** The last such refusal of a session. */
export function deniedTo(client: Client): DatabaseError | undefined {
  return denials.get(client);
}
