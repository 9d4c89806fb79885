import { isDeepStrictEqual } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { PropertyValue, Props } from "../../rehearsal/protocol/property-values";
import type { RecordedCall } from "./recordings";

type Call = grpc.ServerUnaryCall<object, unknown>;
type Answer = grpc.sendUnaryData<unknown>;

/** What is there after a call that failed half-way; the recordings hold only the error's text. */
export type PartialOf = (call: RecordedCall) => { id: string; properties: Props; inputs: Props } | undefined;

const METHODS: Readonly<Record<string, readonly string[]>> = {
  CheckConfig: ["urn", "olds", "news", "name", "type"],
  DiffConfig: ["urn", "olds", "news", "oldInputs", "name", "type"],
  Configure: [
    "urn",
    "args",
    "variables",
    "name",
    "type",
    "acceptSecrets",
    "acceptResources",
    "sendsOldInputs",
    "sendsOldInputsToDelete",
  ],
  Check: ["urn", "olds", "news", "name", "type"],
  Diff: ["id", "urn", "olds", "news", "oldInputs", "name", "type", "ignoreChanges"],
  Create: ["urn", "properties", "name", "type", "preview", "timeout"],
  Read: ["id", "urn", "properties", "inputs", "name", "type"],
  Update: ["id", "urn", "olds", "news", "oldInputs", "name", "type", "preview", "timeout", "ignoreChanges"],
  Delete: ["id", "urn", "properties", "oldInputs", "name", "type", "timeout"],
};

/** One recording, as the plugins that replay it use it up. */
export class Replay {
  /** Calls that the engine made and the recording does not have. */
  readonly unexpected: { readonly method: string; readonly request: Props }[] = [];
  /** Calls of the recording that the engine made. */
  readonly made: RecordedCall[] = [];
  private readonly waiting: (() => void)[] = [];
  /** Whether a recorded failure is being held back, or has fallen. */
  failing = false;

  constructor(private readonly left: RecordedCall[]) {}

  /** Calls of the recording that the engine did not make. */
  get missing(): readonly RecordedCall[] {
    return this.left;
  }

  /** Undefined where the recording has no such call; that is a difference, unless a failure is held back. */
  take(plugin: string, method: string, request: Props): RecordedCall | undefined {
    const fields = METHODS[method] ?? [];
    const index = this.left.findIndex(
      (call) =>
        call.plugin === plugin && call.method === method && isDeepStrictEqual(recordedRequest(call, fields), request),
    );
    const [call] = index < 0 ? [] : this.left.splice(index, 1);
    if (call !== undefined) this.made.push(call);
    if (call === undefined && !this.failing) this.unexpected.push({ method, request });
    if (this.left.length === 0) for (const resolve of this.waiting.splice(0)) resolve();
    return call;
  }

  /**
   * Resolves when every call of the recording has been made. A failure waits for that: it stops the engine, so where it falls
   * decides what is made at all. Calls beyond the recording, which the recorded failure came before, wait with it.
   */
  allMade(): Promise<void> {
    this.failing = true;
    return this.left.length === 0 ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }
}

/** A plugin that answers each call as a recording says the real one did. */
export class ReplayPlugin {
  private readonly server = new grpc.Server({ "grpc.max_receive_message_length": -1 });

  constructor(
    readonly name: string,
    private readonly replay: Replay,
    private readonly partialOf: PartialOf,
  ) {}

  async listen(): Promise<number> {
    const service = Object.fromEntries(
      Object.entries(METHODS).map(([method, fields]) => [
        method[0]?.toLowerCase() + method.slice(1),
        (call: Call, answer: Answer) => this.answer(method, requestOf(call.request, fields), answer),
      ]),
    );
    this.server.addService(ResourceProviderService, service);
    return new Promise((resolve, reject) => {
      this.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
  }

  close(): void {
    this.server.forceShutdown();
  }

  private async answer(method: string, request: Props, answer: Answer): Promise<void> {
    const call = this.replay.take(this.name, method, request);
    if (call === undefined) {
      if (this.replay.failing) await this.replay.allMade();
      answer({ code: grpc.status.UNKNOWN, details: `not in the recording: ${method} of ${request.name}` });
    } else if (call.errors) {
      const error = failure(call.errors[0] ?? "", this.partialOf(call));
      if (error.code === grpc.status.UNKNOWN) await this.replay.allMade();
      answer(error);
    } else {
      answer(null, responseOf(method, call.response ?? {}));
    }
  }
}

/** The fields that say something, of the recording's request; what is empty is left out on both sides. */
function recordedRequest({ request }: RecordedCall, fields: readonly string[]): Props {
  const kept = Object.entries(request).filter(([key, value]) => fields.includes(key) && says(value));
  const text = JSON.stringify(Object.fromEntries(kept));
  // The recorded project was named p1 when its dynamic provider was configured; only these keys kept the name.
  return JSON.parse(text.replaceAll("pulumi-nodejs:config:p1:", "pulumi-nodejs:config:b2b-tenants:"));
}

function requestOf(message: object, fields: readonly string[]): Props {
  const read = message as Record<string, undefined | (() => unknown)>;
  const values: Props = {};
  for (const field of fields) {
    const getter = GETTERS[field] ?? `get${field[0]?.toUpperCase()}${field.slice(1)}`;
    const value = plain(read[getter]?.call(message));
    if (says(value)) values[field] = value as PropertyValue;
  }
  return values;
}

const GETTERS: Readonly<Record<string, string>> = {
  acceptSecrets: "getAcceptsecrets",
  acceptResources: "getAcceptresources",
  ignoreChanges: "getIgnorechangesList",
  variables: "getVariablesMap",
};

function plain(value: unknown): unknown {
  if (value instanceof Struct) return value.toJavaScript();
  if (typeof value === "object" && value !== null && "toArray" in value) {
    const entries = (value as { toArray(): [string, string][] }).toArray();
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  }
  return value;
}

/** A field that was not set, or has the protocol's default, is absent in the recordings; an empty struct is not. */
function says(value: unknown): boolean {
  const empty = Array.isArray(value) && value.length === 0;
  return value !== undefined && value !== "" && value !== false && value !== 0 && !empty;
}

function failure(text: string, partial: ReturnType<PartialOf>): Partial<grpc.StatusObject> {
  const [, name, details] = /^rpc error: code = (\w+) desc = (.*)$/s.exec(text) ?? [];
  const metadata = new grpc.Metadata();
  if (partial) {
    const failed = new pb.ErrorResourceInitFailed()
      .setId(partial.id)
      .setProperties(Struct.fromJavaScript(partial.properties))
      .setInputs(Struct.fromJavaScript(partial.inputs))
      .setReasonsList([details ?? text]);
    const detail = new Any();
    detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status()
      .setCode(grpc.status.UNKNOWN)
      .setMessage(details ?? text)
      .setDetailsList([detail]);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  const code = name === "Unimplemented" ? grpc.status.UNIMPLEMENTED : grpc.status.UNKNOWN;
  return { code, details: details ?? text, metadata };
}

function struct(value: PropertyValue | undefined): Struct | undefined {
  return value === undefined ? undefined : Struct.fromJavaScript(value as Props);
}

function responseOf(method: string, response: Props): object {
  switch (method) {
    case "CheckConfig":
    case "Check":
      return new pb.CheckResponse().setInputs(struct(response.inputs));
    case "DiffConfig":
    case "Diff":
      return diffResponse(response);
    case "Configure":
      return new pb.ConfigureResponse()
        .setAcceptsecrets(response.acceptSecrets === true)
        .setSupportspreview(response.supportsPreview === true)
        .setAcceptresources(response.acceptResources === true);
    case "Create":
      return new pb.CreateResponse().setId(String(response.id ?? "")).setProperties(struct(response.properties));
    case "Update":
      return new pb.UpdateResponse().setProperties(struct(response.properties));
    case "Read":
      return new pb.ReadResponse()
        .setId(String(response.id ?? ""))
        .setProperties(struct(response.properties))
        .setInputs(struct(response.inputs));
    default:
      return new Empty();
  }
}

function diffResponse(response: Props): pb.DiffResponse {
  const { DIFF_SOME, DIFF_NONE, DIFF_UNKNOWN } = pb.DiffResponse.DiffChanges;
  const changes = { DIFF_SOME, DIFF_NONE }[String(response.changes)] ?? DIFF_UNKNOWN;
  const message = new pb.DiffResponse()
    .setChanges(changes)
    .setReplacesList((response.replaces ?? []) as string[])
    .setStablesList((response.stables ?? []) as string[])
    .setDiffsList((response.diffs ?? []) as string[])
    .setDeletebeforereplace(response.deleteBeforeReplace === true)
    .setHasdetaileddiff(response.hasDetailedDiff === true);
  for (const [path, detail] of Object.entries((response.detailedDiff ?? {}) as Record<string, Props>)) {
    const kind = pb.PropertyDiff.Kind[(detail.kind ?? "ADD") as keyof typeof pb.PropertyDiff.Kind];
    message.getDetaileddiffMap().set(path, new pb.PropertyDiff().setKind(kind).setInputdiff(detail.inputDiff === true));
  }
  return message;
}
