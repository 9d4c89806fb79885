/** The process of `pulumi-language-nodejs`. The engine's address is its last argument. */
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { listen, MESSAGE_LIMITS } from "../protocol/plugin";
import { announce } from "../protocol/plugin-process";
import { languageRuntime } from "./language-runtime";

async function main(engine: string): Promise<void> {
  const server = new grpc.Server(MESSAGE_LIMITS);
  server.addService(LanguageRuntimeService, languageRuntime(engine));
  announce(await listen(server));
}

void main(process.argv.at(-1) ?? "");
