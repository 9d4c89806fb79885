import * as grpc from "@grpc/grpc-js";
import { type IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { listen, MESSAGE_LIMITS, type Plugin } from "../protocol/plugin";
import { resourceProvider } from "./resource-provider";
import type { StandIn } from "./stand-in";

const PARENT_CHECK_MS = 100;

/** Serves `standIn` over the `pulumirpc.ResourceProvider` protocol on a free port of 127.0.0.1. */
export async function serve<Context>(standIn: StandIn<Context>): Promise<Plugin> {
  const server = new grpc.Server(MESSAGE_LIMITS);
  const { service, close } = resourceProvider(standIn);
  server.addService(ResourceProviderService, service satisfies IResourceProviderServer);
  const port = await listen(server);
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
