import * as grpc from "@grpc/grpc-js";

type Answered = (error: grpc.ServiceError | null, response?: unknown) => void;
type Answer = (error: Partial<grpc.ServiceError> | null, response?: unknown) => void;

/**
 * A client of a gRPC service that is in this process: its unary calls go to the service as they are, in place of over the network,
 * which would be a good part of their time. Once it is closed, what is not answered fails as if the server had ended.
 */
export function directClient(service: grpc.UntypedServiceImplementation): Record<string, unknown> & { close(): void } {
  const underWay = new Set<Answered>();
  let closed = false;
  const close = () => {
    closed = true;
    for (const answered of underWay)
      answered(failure({ code: grpc.status.CANCELLED, details: "the client is closed" }));
    underWay.clear();
  };
  const methods = Object.entries(service).map(([name, handler]) => {
    const call = (request: unknown, answered: Answered) => {
      if (closed) return answered(failure({ code: grpc.status.UNAVAILABLE, details: "the client is closed" }));
      underWay.add(answered);
      const answer: Answer = (error, response) => {
        if (underWay.delete(answered)) answered(error && failure(error), response);
      };
      (handler as (call: unknown, answer: Answer) => void)({ request }, answer);
    };
    return [name, call];
  });
  return { ...Object.fromEntries(methods), close };
}

/** What the network would make of a service's error. */
function failure({
  code = grpc.status.UNKNOWN,
  details = "",
  metadata = new grpc.Metadata(),
}: Partial<grpc.ServiceError>) {
  return Object.assign(new Error(`${code} ${grpc.status[code]}: ${details}`), { code, details, metadata });
}
