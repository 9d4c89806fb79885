import * as grpc from "@grpc/grpc-js";
import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { carrySecretMarks, type Props, withoutSecretMarks } from "../protocol/property-values";
import {
  type CheckFailure,
  type DiffResult,
  diffResult,
  failuresOf,
  ifUnimplemented,
  type Observed,
  ProviderError,
  properties,
  providerError,
  refuseFailures,
} from "./provider-answers";
import { nameOf, providedPackage, typeOf, type Urn } from "./urn";

/** What the state has of a resource. */
export interface Recorded {
  readonly inputs: Props;
  readonly outputs: Props;
}

/** What a provider's function answers. */
export interface Invoked {
  readonly returned: Props;
  readonly failures: readonly CheckFailure[];
}

/** The calls of `pulumirpc.ResourceProvider` over property maps; secret marks are kept from providers that do not take them. */
export class ProviderClient {
  private acceptsSecrets = false;
  private supportsPreview = false;

  constructor(private readonly rpc: ResourceProviderClient) {}

  async checkConfig(urn: Urn, olds: Props, news: Props): Promise<Props> {
    const request = named(new proto.CheckRequest(), urn).setOlds(this.struct(olds)).setNews(this.struct(news));
    try {
      const response = await this.call<proto.CheckResponse>("checkConfig", request);
      refuseFailures(response, urn);
      return carrySecretMarks(properties(response.getInputs()), news);
    } catch (error) {
      return ifUnimplemented(error, news);
    }
  }

  async diffConfig(urn: Urn, olds: Props, oldInputs: Props, news: Props): Promise<DiffResult> {
    const request = named(new proto.DiffRequest(), urn)
      .setOlds(this.struct(olds))
      .setOldInputs(this.struct(oldInputs))
      .setNews(this.struct(news));
    try {
      return diffResult(await this.call<proto.DiffResponse>("diffConfig", request));
    } catch (error) {
      return ifUnimplemented(error, diffResult(new proto.DiffResponse()));
    }
  }

  async configure(urn: Urn, id: string, args: Props): Promise<void> {
    const request = named(new proto.ConfigureRequest(), urn).setId(id).setArgs(Struct.fromJavaScript(args));
    const packageName = providedPackage(typeOf(urn));
    for (const [key, value] of Object.entries(withoutSecretMarks(args))) {
      if (key !== "version" && !key.startsWith("__")) {
        const text = typeof value === "string" ? value : JSON.stringify(value);
        request.getVariablesMap().set(`${packageName}:config:${key}`, text);
      }
    }
    request.setAcceptsecrets(true).setAcceptresources(true).setSendsOldInputs(true).setSendsOldInputsToDelete(true);
    const response = await this.call<proto.ConfigureResponse>("configure", request);
    this.acceptsSecrets = response.getAcceptsecrets();
    this.supportsPreview = response.getSupportspreview();
  }

  async check(
    urn: Urn,
    olds: Props,
    news: Props,
    randomSeed: Buffer,
  ): Promise<{ inputs: Props; failures: readonly CheckFailure[] }> {
    const request = named(new proto.CheckRequest(), urn)
      .setOlds(this.struct(olds))
      .setNews(this.struct(news))
      .setRandomseed(randomSeed);
    const response = await this.call<proto.CheckResponse>("check", request);
    return { inputs: this.marked(properties(response.getInputs()), news), failures: failuresOf(response) };
  }

  async diff(urn: Urn, id: string, old: Recorded, news: Props, ignoreChanges: readonly string[]): Promise<DiffResult> {
    const request = named(new proto.DiffRequest(), urn)
      .setId(id)
      .setOlds(this.struct(old.outputs))
      .setOldInputs(this.struct(old.inputs))
      .setNews(this.struct(news))
      .setIgnorechangesList([...ignoreChanges]);
    return diffResult(await this.call<proto.DiffResponse>("diff", request));
  }

  /** In a preview a provider that cannot preview is not asked: what will be is then just the inputs. */
  async create(urn: Urn, inputs: Props, preview: boolean): Promise<Observed> {
    if (preview && !this.supportsPreview) return { id: undefined, properties: inputs };
    const request = named(new proto.CreateRequest(), urn).setProperties(this.struct(inputs)).setPreview(preview);
    const response = await this.call<proto.CreateResponse>("create", request, inputs);
    if (response.getId() === "" && !preview) throw new ProviderError("the provider returned no id for what it created");
    return {
      id: response.getId() === "" ? undefined : response.getId(),
      properties: this.marked(properties(response.getProperties()), inputs),
    };
  }

  async read(urn: Urn, id: string, known: { inputs?: Props; outputs?: Props }): Promise<Observed> {
    const request = named(new proto.ReadRequest(), urn).setId(id);
    if (known.outputs !== undefined) request.setProperties(this.struct(known.outputs));
    if (known.inputs !== undefined) request.setInputs(this.struct(known.inputs));
    const response = await this.call<proto.ReadResponse>("read", request, known.inputs);
    const inputs = response.getInputs();
    return {
      id: response.getId() === "" ? undefined : response.getId(),
      properties: this.marked(properties(response.getProperties()), known.outputs ?? {}),
      inputs: inputs === undefined ? undefined : this.marked(properties(inputs), known.inputs ?? {}),
    };
  }

  async update(
    urn: Urn,
    id: string,
    old: Recorded,
    news: Props,
    options: { ignoreChanges: readonly string[]; preview: boolean },
  ): Promise<Props> {
    if (options.preview && !this.supportsPreview) return news;
    const request = named(new proto.UpdateRequest(), urn)
      .setId(id)
      .setOlds(this.struct(old.outputs))
      .setOldInputs(this.struct(old.inputs))
      .setNews(this.struct(news))
      .setIgnorechangesList([...options.ignoreChanges])
      .setPreview(options.preview);
    const response = await this.call<proto.UpdateResponse>("update", request, news);
    return this.marked(properties(response.getProperties()), news);
  }

  async delete(urn: Urn, id: string, old: Recorded): Promise<void> {
    const request = named(new proto.DeleteRequest(), urn)
      .setId(id)
      .setProperties(this.struct(old.outputs))
      .setOldInputs(this.struct(old.inputs));
    await this.call("delete", request);
  }

  async invoke(token: string, args: Props): Promise<Invoked> {
    const request = new proto.InvokeRequest().setTok(token).setArgs(this.struct(args));
    const response = await this.call<proto.InvokeResponse>("invoke", request);
    return { returned: properties(response.getReturn()), failures: failuresOf(response) };
  }

  private struct(value: Props): Struct {
    return Struct.fromJavaScript(this.acceptsSecrets ? value : withoutSecretMarks(value));
  }

  private marked(returned: Props, sent: Props): Props {
    return this.acceptsSecrets ? returned : carrySecretMarks(returned, sent);
  }

  private call<Response>(method: keyof ResourceProviderClient, request: unknown, sent?: Props): Promise<Response> {
    return new Promise((resolve, reject) => {
      const invoke = this.rpc[method] as unknown as (
        request: unknown,
        callback: (error: grpc.ServiceError | null, response: Response) => void,
      ) => void;
      invoke.call(this.rpc, request, (error, response) => {
        if (error === null) {
          resolve(response);
        } else {
          reject(
            error.code === grpc.status.UNIMPLEMENTED
              ? error
              : providerError(error, (returned) => this.marked(returned, sent ?? {})),
          );
        }
      });
    });
  }
}

interface NamedRequest {
  setUrn(urn: string): this;
  setName(name: string): this;
  setType(type: string): this;
}

function named<Request extends NamedRequest>(request: Request, urn: Urn): Request {
  return request.setUrn(urn).setName(nameOf(urn)).setType(typeOf(urn));
}
