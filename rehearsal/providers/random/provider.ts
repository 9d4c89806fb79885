import type { StandIn } from "../stand-in";
import { randomBytesResource } from "./bytes";
import { randomIdResource } from "./id";
import { randomPasswordResource } from "./password";
import { handlerOf } from "./resource";

/** Stands in for pulumi-random, for the resource types that the program uses. */
export const random = randomWith({ bcryptCost: 10 });

/** The same for a rehearsal, where nobody looks at a password's hash, and to make it is most of the time that a password takes. */
export const randomOfRehearsals = randomWith({ bcryptCost: 4 });

function randomWith({ bcryptCost }: { bcryptCost: number }): StandIn<undefined> {
  return {
    name: "random",
    version: "4.21.2",
    capabilities: { supportsPreview: true, acceptResources: true, supportsAutonamingConfiguration: true },
    resources: {
      "random:index/randomBytes:RandomBytes": handlerOf(randomBytesResource),
      "random:index/randomId:RandomId": handlerOf(randomIdResource),
      "random:index/randomPassword:RandomPassword": handlerOf(randomPasswordResource(bcryptCost)),
    },
    checkConfig: (request) => ({ inputs: request.news }),
    configure: () => undefined,
  };
}
