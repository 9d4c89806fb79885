import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { answer, stream } from "./answer";
import { Children } from "./children";
import { installDependencies } from "./install-dependencies";
import { directDependencies, requiredPackages } from "./packages";
import { runPolicyPack } from "./policy-pack";
import { runProgram } from "./run-program";

/**
 * Pulumi's `LanguageRuntime` protocol for programs in Node: written against the SDK's published protocol, and no more than running a
 * program with its policy pack takes. What is not here, gRPC refuses by name: generating code, packing, linking.
 */
export function languageRuntime(engine: string): UntypedServiceImplementation {
  const children = new Children();
  return {
    handshake: answer(() => new proto.LanguageHandshakeResponse()),
    getPluginInfo: answer(() => new PluginInfo()),
    about: answer(about),
    getRequiredPackages: answer(requiredPackages),
    getProgramDependencies: answer(directDependencies),
    installDependencies: stream((request, send, signal) => installDependencies(request, send, signal, children)),
    runtimeOptionsPrompts: answer(() => new proto.RuntimeOptionsResponse()),
    template: answer(() => new proto.TemplateResponse()),
    run: answer((request, signal) => runProgram(request, engine, signal, children)),
    runPlugin: stream(runPolicyPack),
    cancel: answer(() => {
      children.stop();
      return new Empty();
    }),
  };
}

function about(): proto.AboutResponse {
  const response = new proto.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version.slice(1));
  return response;
}
