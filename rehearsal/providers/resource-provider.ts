import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Props } from "../protocol/property-values";
import { checkResponse, diffResponse, props, serviceError, struct } from "./messages";
import { type ResourceHandler, type ResourceRequest, type StandIn, unsupportedInputs } from "./stand-in";

/** The `pulumirpc.ResourceProvider` service of a stand-in, and what frees the things it holds. */
export function resourceProvider<Context>(standIn: StandIn<Context>): {
  service: IResourceProviderServer;
  close(): Promise<void>;
} {
  let configured: { context: Context } | undefined;

  function context(): Context {
    if (!configured) throw new Error(`the ${standIn.name} stand-in was called before Configure`);
    return configured.context;
  }

  function handlerOf(request: Identified): ResourceHandler<Context> {
    const { type } = identity(request);
    const handler = standIn.resources[type];
    if (!handler) {
      const known = Object.keys(standIn.resources).sort().join(", ");
      throw new Error(
        `the rehearsal's ${standIn.name} stand-in does not support the resource type ${type}; it supports ${known}`,
      );
    }
    return handler;
  }

  const service: IResourceProviderServer = {
    getPluginInfo: unary(() => new PluginInfo().setVersion(standIn.version)),
    getSchema: unary(() => new pb.GetSchemaResponse().setSchema("{}")),
    attach: unary(() => new Empty()),
    cancel: unary(() => new Empty()),
    // The SDK's provider server does not know Handshake either: the engine then goes by Configure's answer.
    handshake: refused(() => "Handshake"),
    parameterize: refused(() => "Parameterize"),
    invoke: (call, callback) => {
      const token = call.request.getTok();
      const handler = standIn.functions?.[token];
      if (handler === undefined) return callback(unimplemented(`Invoke of ${token}`));
      return unary(async (request: pb.InvokeRequest) => {
        const args = props(request.getArgs());
        const [failure] = unsupportedInputs(handler, token, args);
        if (failure) throw new Error(failure.reason);
        return new pb.InvokeResponse().setReturn(struct(await handler.invoke(args, context())));
      })(call, callback);
    },
    call: refused((request: pb.CallRequest) => `Call of ${request.getTok()}`),
    construct: refused((request: pb.ConstructRequest) => `Construct of ${request.getType()}`),
    getMapping: refused(() => "GetMapping"),
    getMappings: refused(() => "GetMappings"),
    list: (call) => {
      call.emit("error", unimplemented(`List of ${call.request.getToken()}`));
    },

    checkConfig: unary((request: pb.CheckRequest) => checkResponse(standIn.checkConfig(checkRequest(request)))),
    diffConfig: unary((request: pb.DiffRequest) => {
      const answer = standIn.diffConfig?.(diffRequest(request));
      return answer ? diffResponse(answer) : new pb.DiffResponse();
    }),
    configure: unary(async (request: pb.ConfigureRequest) => {
      await close();
      const variables = Object.fromEntries(request.getVariablesMap().toArray());
      configured = { context: standIn.configure(props(request.getArgs()), variables) };
      return new pb.ConfigureResponse()
        .setAcceptsecrets(standIn.capabilities.acceptSecrets ?? false)
        .setSupportspreview(standIn.capabilities.supportsPreview ?? false)
        .setAcceptresources(standIn.capabilities.acceptResources ?? false)
        .setSupportsAutonamingConfiguration(standIn.capabilities.supportsAutonamingConfiguration ?? false);
    }),

    check: unary(async (request: pb.CheckRequest) => {
      const handler = handlerOf(request);
      const checked = checkRequest(request);
      const failures = unsupportedInputs(handler, checked.type, checked.news);
      if (failures.length > 0) return checkResponse({ inputs: checked.news, failures });
      return checkResponse(await handler.check(checked, context()));
    }),
    diff: unary(async (request: pb.DiffRequest) =>
      diffResponse(await handlerOf(request).diff(diffRequest(request), context())),
    ),
    create: unary(async (request: pb.CreateRequest) => {
      const handler = handlerOf(request);
      const inputs = props(request.getProperties());
      refuseUnsupported(handler, identity(request), inputs);
      const answer = await handler.create({ ...identity(request), inputs, preview: request.getPreview() }, context());
      return new pb.CreateResponse().setId(answer.id).setProperties(struct(answer.properties));
    }),
    read: unary(async (request: pb.ReadRequest) => {
      const answer = await handlerOf(request).read(
        {
          ...identity(request),
          id: request.getId(),
          properties: props(request.getProperties()),
          inputs: props(request.getInputs()),
        },
        context(),
      );
      return new pb.ReadResponse()
        .setId(answer.id)
        .setProperties(answer.properties && struct(answer.properties))
        .setInputs(answer.inputs && struct(answer.inputs));
    }),
    update: unary(async (request: pb.UpdateRequest) => {
      const handler = handlerOf(request);
      if (!handler.update) throw new Error(`${identity(request).type} cannot be updated, only replaced`);
      const update = { ...diffRequest(request), preview: request.getPreview() };
      refuseUnsupported(handler, update, update.news);
      const answer = await handler.update(update, context());
      return new pb.UpdateResponse().setProperties(struct(answer.properties));
    }),
    delete: unary(async (request: pb.DeleteRequest) => {
      await handlerOf(request).delete(
        {
          ...identity(request),
          id: request.getId(),
          properties: props(request.getProperties()),
          oldInputs: props(request.getOldInputs()),
        },
        context(),
      );
      return new Empty();
    }),
  };

  function refused<Request>(what: (request: Request) => string): grpc.handleUnaryCall<Request, never> {
    return (call, callback) => callback(unimplemented(what(call.request)));
  }

  function unimplemented(what: string): Partial<grpc.ServiceError> {
    const message = `the rehearsal's ${standIn.name} stand-in does not support ${what}`;
    return Object.assign(new Error(message), { code: grpc.status.UNIMPLEMENTED, details: message });
  }

  async function close(): Promise<void> {
    const former = configured;
    configured = undefined;
    if (former) await standIn.close?.(former.context);
  }

  return { service, close };
}

function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => answer(call.request))
      .then(
        (response) => callback(null, response),
        (error) => callback(serviceError(error)),
      );
  };
}

interface Identified {
  getUrn(): string;
  getType(): string;
  getName(): string;
}

function identity(request: Identified): ResourceRequest {
  return { urn: request.getUrn(), type: request.getType(), name: request.getName() };
}

function checkRequest(request: pb.CheckRequest) {
  return {
    ...identity(request),
    olds: props(request.getOlds()),
    news: props(request.getNews()),
    randomSeed: request.getRandomseed_asU8(),
  };
}

function diffRequest(request: pb.DiffRequest | pb.UpdateRequest) {
  return {
    ...identity(request),
    id: request.getId(),
    olds: props(request.getOlds()),
    oldInputs: props(request.getOldInputs()),
    news: props(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

function refuseUnsupported<Context>(handler: ResourceHandler<Context>, of: ResourceRequest, inputs: Props): void {
  const [failure] = unsupportedInputs(handler, of.type, inputs);
  if (failure) throw new Error(failure.reason);
}
