import type { StandIn } from "../stand-in";
import { randomBytesResource } from "./bytes";
import { randomIdResource } from "./id";
import { randomPasswordResource } from "./password";
import { handlerOf } from "./resource";

/** Stands in for pulumi-random, for the resource types that the program uses. */
export const random: StandIn<undefined> = {
  name: "random",
  version: "4.21.2",
  capabilities: { supportsPreview: true, acceptResources: true, supportsAutonamingConfiguration: true },
  resources: {
    "random:index/randomBytes:RandomBytes": handlerOf(randomBytesResource),
    "random:index/randomId:RandomId": handlerOf(randomIdResource),
    "random:index/randomPassword:RandomPassword": handlerOf(randomPasswordResource),
  },
  checkConfig: (request) => ({ inputs: request.news }),
  configure: () => undefined,
};
