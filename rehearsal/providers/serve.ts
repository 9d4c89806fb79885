import * as grpc from "@grpc/grpc-js";
import { type IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { resourceProvider } from "./resource-provider";
import type { StandIn } from "./stand-in";

// The protocol sends whole resources in one message, and gRPC's default stops at 4 MB; Pulumi's own programs use this.
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

const PARENT_CHECK_MS = 100;

export interface Served {
  readonly port: number;
  stop(): Promise<void>;
}

/** Serves `standIn` over the `pulumirpc.ResourceProvider` protocol on a free port of 127.0.0.1. */
export async function serve<Context>(standIn: StandIn<Context>): Promise<Served> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  const { service, close } = resourceProvider(standIn);
  server.addService(ResourceProviderService, service satisfies IResourceProviderServer);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    stop: async () => {
      server.forceShutdown();
      await close();
    },
  };
}

/**
 * Runs `standIn` as a plugin process: prints its port as the first line of stdout, and serves until it is told to stop or
 * until whoever started it is gone (a killed engine must not leave plugins behind).
 */
export async function main<Context>(standIn: StandIn<Context>): Promise<void> {
  const parent = process.ppid;
  const { port } = await serve(standIn);
  process.stdout.write(`${port}\n`);
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, PARENT_CHECK_MS).unref();
  process.once("SIGTERM", () => process.exit(0));
  process.once("SIGINT", () => process.exit(0));
}
