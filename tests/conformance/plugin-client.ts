import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { PropertyValue, Props } from "../../rehearsal/protocol/property-values";

/** How a plugin answered, in the form in which the recordings hold it: a field with no value is left out. */
export type Answer = { readonly response: Props } | { readonly errors: readonly string[]; readonly partial?: Props };

/** Calls a plugin with requests in the recordings' JSON form. */
export class PluginClient {
  private readonly client: ResourceProviderClient;

  constructor(port: number) {
    this.client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  close(): void {
    this.client.close();
  }

  async call(method: string, request: Props): Promise<Answer> {
    try {
      return { response: compact(await this.response(method, request)) };
    } catch (error) {
      if (!(error as Partial<grpc.ServiceError>).metadata) throw error;
      const { code, details, metadata } = error as grpc.ServiceError;
      const [status] = metadata.get("grpc-status-details-bin");
      const codeName = code === grpc.status.UNKNOWN ? "Unknown" : grpc.status[code];
      const message = `rpc error: code = ${codeName} desc = ${details}`;
      return { errors: [message], ...(status ? { partial: partialState(status as Buffer) } : {}) };
    }
  }

  private async response(method: string, request: Props): Promise<Props> {
    const client = this.client;
    switch (method) {
      case "CheckConfig":
        return checked(await unary((done) => client.checkConfig(checkRequest(request), done)));
      case "DiffConfig":
        return diffed(await unary((done) => client.diffConfig(diffRequest(request), done)));
      case "Configure":
        return configured(await unary((done) => client.configure(configureRequest(request), done)));
      case "Check":
        return checked(await unary((done) => client.check(checkRequest(request), done)));
      case "Diff":
        return diffed(await unary((done) => client.diff(diffRequest(request), done)));
      case "Create":
        return made(await unary((done) => client.create(createRequest(request), done)));
      case "Read":
        return found(await unary((done) => client.read(readRequest(request), done)));
      case "Update":
        return made(await unary((done) => client.update(updateRequest(request), done)));
      case "Delete":
        await unary<Empty>((done) => client.delete(deleteRequest(request), done));
        return {};
      default:
        throw new Error(`the recordings hold no call of ${method}`);
    }
  }
}

function unary<T>(start: (done: (error: grpc.ServiceError | null, response: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => start((error, response) => (error ? reject(error) : resolve(response))));
}

function struct(value: PropertyValue | undefined): Struct | undefined {
  return value === undefined ? undefined : Struct.fromJavaScript(value as Props);
}

function plain(value: Struct | undefined): PropertyValue | undefined {
  return value?.toJavaScript() as Props | undefined;
}

interface Identified<T> {
  setUrn(value: string): T;
  setName(value: string): T;
  setType(value: string): T;
}

function identified<T extends Identified<T>>(message: T, { urn, name, type }: Props): T {
  return message.setUrn(String(urn)).setName(String(name)).setType(String(type));
}

function checkRequest(request: Props): pb.CheckRequest {
  return identified(new pb.CheckRequest(), request)
    .setOlds(struct(request.olds))
    .setNews(struct(request.news))
    .setRandomseed(String(request.randomSeed ?? ""));
}

function diffRequest(request: Props): pb.DiffRequest {
  return identified(new pb.DiffRequest(), request)
    .setId(String(request.id ?? ""))
    .setOlds(struct(request.olds))
    .setOldInputs(struct(request.oldInputs))
    .setNews(struct(request.news));
}

function configureRequest(request: Props): pb.ConfigureRequest {
  const message = new pb.ConfigureRequest()
    .setArgs(struct(request.args))
    .setAcceptsecrets(true)
    .setAcceptresources(true);
  for (const [name, value] of Object.entries((request.variables ?? {}) as Props)) {
    message.getVariablesMap().set(name, String(value));
  }
  return message;
}

function createRequest(request: Props): pb.CreateRequest {
  return identified(new pb.CreateRequest(), request)
    .setProperties(struct(request.properties))
    .setPreview(request.preview === true);
}

function readRequest(request: Props): pb.ReadRequest {
  return identified(new pb.ReadRequest(), request)
    .setId(String(request.id))
    .setProperties(struct(request.properties))
    .setInputs(struct(request.inputs));
}

function updateRequest(request: Props): pb.UpdateRequest {
  return identified(new pb.UpdateRequest(), request)
    .setId(String(request.id))
    .setOlds(struct(request.olds))
    .setOldInputs(struct(request.oldInputs))
    .setNews(struct(request.news))
    .setPreview(request.preview === true);
}

function deleteRequest(request: Props): pb.DeleteRequest {
  return identified(new pb.DeleteRequest(), request)
    .setId(String(request.id))
    .setProperties(struct(request.properties))
    .setOldInputs(struct(request.oldInputs));
}

type Fields = Record<string, PropertyValue | undefined>;

/** Leaves out what the protocol's JSON form leaves out: empty strings, false and empty lists; an empty struct stays. */
function compact(fields: Fields): Props {
  const entries = Object.entries(fields).filter(
    ([, value]) =>
      value !== undefined && value !== "" && value !== false && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(entries) as Props;
}

function checked(response: pb.CheckResponse): Props {
  const failures = response.getFailuresList().map((failure) => ({
    property: failure.getProperty(),
    reason: failure.getReason(),
  }));
  return { inputs: plain(response.getInputs()) ?? null, failures };
}

function configured(response: pb.ConfigureResponse): Props {
  return {
    acceptSecrets: response.getAcceptsecrets(),
    supportsPreview: response.getSupportspreview(),
    acceptResources: response.getAcceptresources(),
    acceptOutputs: response.getAcceptoutputs(),
    supportsAutonamingConfiguration: response.getSupportsAutonamingConfiguration(),
  };
}

function diffed(response: pb.DiffResponse): Props {
  const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
  const changes = response.getChanges();
  const kindNames = Object.entries(pb.PropertyDiff.Kind);
  const detailedDiff: Props = {};
  response.getDetaileddiffMap().forEach((detail, path) => {
    const kind = kindNames.find(([, value]) => value === detail.getKind())?.[0] ?? "";
    detailedDiff[path] = compact({ kind: kind === "ADD" ? "" : kind, inputDiff: detail.getInputdiff() });
  });
  return {
    replaces: response.getReplacesList(),
    stables: response.getStablesList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
    changes: changes === DIFF_SOME ? "DIFF_SOME" : changes === DIFF_NONE ? "DIFF_NONE" : "",
    diffs: response.getDiffsList(),
    ...(Object.keys(detailedDiff).length > 0 ? { detailedDiff } : {}),
    hasDetailedDiff: response.getHasdetaileddiff(),
  };
}

function made(response: pb.CreateResponse | pb.UpdateResponse): Props {
  const id = response instanceof pb.CreateResponse ? response.getId() : "";
  return { id, properties: plain(response.getProperties()) ?? null };
}

function found(response: pb.ReadResponse): Props {
  const [properties, inputs] = [plain(response.getProperties()), plain(response.getInputs())];
  return { id: response.getId(), ...(properties ? { properties } : {}), ...(inputs ? { inputs } : {}) };
}

/** The id and the properties that a partial failure hands the engine, out of gRPC's status details. */
function partialState(bytes: Buffer): Props {
  const [detail] = Status.deserializeBinary(bytes).getDetailsList();
  const failed = pb.ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() ?? new Uint8Array());
  return { id: failed.getId(), properties: plain(failed.getProperties()) ?? null };
}
