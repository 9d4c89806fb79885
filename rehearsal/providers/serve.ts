import * as grpc from "@grpc/grpc-js";
import { type IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { directClient } from "../protocol/direct-client";
import { type LocalPlugin, listen, MESSAGE_LIMITS, type Plugin } from "../protocol/plugin";
import { announce } from "../protocol/plugin-process";
import { resourceProvider } from "./resource-provider";
import type { StandIn } from "./stand-in";

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

/** The same without a port, for who calls it in this process. */
export function serveHere<Context>(standIn: StandIn<Context>): LocalPlugin {
  const { service, close } = resourceProvider(standIn);
  const client = directClient(service);
  return {
    client,
    stop: async () => {
      client.close();
      await close();
    },
  };
}

/** Runs `standIn` as a plugin process. */
export async function main<Context>(standIn: StandIn<Context>): Promise<void> {
  announce((await serve(standIn)).port);
}
