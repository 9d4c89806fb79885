import * as grpc from "@grpc/grpc-js";

/** What this host does not do. */
export class Unsupported extends Error {}

/** A handler of a call with one answer. `signal` is aborted when the caller gives up. */
export function answer<Request, Response>(
  work: (request: Request, signal: AbortSignal) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const controller = new AbortController();
    call.on("cancelled", () => controller.abort());
    Promise.resolve()
      .then(() => work(call.request, controller.signal))
      .then(
        (response) => callback(null, response),
        (error: Error) => callback(asStatus(error)),
      );
  };
}

/** A handler of a call that is answered message by message; the stream ends with the work. */
export function stream<Request, Response>(
  work: (request: Request, send: (message: Response) => void, signal: AbortSignal) => Promise<void>,
): grpc.handleServerStreamingCall<Request, Response> {
  return (call) => {
    const controller = new AbortController();
    call.on("cancelled", () => controller.abort());
    work(call.request, (message) => call.write(message), controller.signal).then(
      () => call.end(),
      (error: Error) => call.emit("error", asStatus(error)),
    );
  };
}

function asStatus(error: Error): Partial<grpc.StatusObject> {
  const code = error instanceof Unsupported ? grpc.status.UNIMPLEMENTED : grpc.status.UNKNOWN;
  return { code, details: error.message };
}
