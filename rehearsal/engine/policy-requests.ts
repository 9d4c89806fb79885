import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Props } from "../protocol/property-values";
import type { StackConfig } from "./providers";
import type { ResourceState } from "./state";
import { nameOf } from "./urn";

/** A resource as a policy pack looks at it. */
export interface Analyzed {
  readonly resource: ResourceState;
  /** Its inputs before anything is done to it; its outputs at the end of the run. */
  readonly properties: Props;
  readonly provider: ResourceState | undefined;
  /** The one of its options that the state does not hold. */
  readonly deleteBeforeReplace?: boolean | undefined;
}

export interface PolicyPackOptions {
  readonly project: string;
  readonly stack: string;
  readonly config: StackConfig;
  readonly address: string;
  readonly preview: boolean;
}

export function configureRequest({
  project,
  stack,
  config,
  preview,
}: PolicyPackOptions): proto.AnalyzerStackConfigureRequest {
  const request = new proto.AnalyzerStackConfigureRequest();
  request.setProject(project);
  request.setStack(stack);
  request.setDryRun(preview);
  request.setConfigSecretKeysList([...config.secretKeys]);
  for (const [key, value] of Object.entries(config.values)) request.getConfigMap().set(key, value);
  return request;
}

export function resourceRequest(analyzed: Analyzed): proto.AnalyzeRequest {
  return described(new proto.AnalyzeRequest(), analyzed);
}

export function stackRequest(resources: readonly Analyzed[]): proto.AnalyzeStackRequest {
  const request = new proto.AnalyzeStackRequest();
  request.setResourcesList(resources.map(stackResource));
  return request;
}

function stackResource(analyzed: Analyzed): proto.AnalyzerResource {
  const { parent = "", dependencies = [], propertyDependencies = {} } = analyzed.resource;
  const message = described(new proto.AnalyzerResource(), analyzed);
  message.setParent(parent);
  message.setDependenciesList([...dependencies]);
  for (const [key, urns] of Object.entries(propertyDependencies).filter(([, on]) => on.length > 0)) {
    const entry = new proto.AnalyzerPropertyDependencies();
    entry.setUrnsList([...urns]);
    message.getPropertydependenciesMap().set(key, entry);
  }
  return message;
}

/** Fills in what the messages of one resource and of a stack's have in common. */
function described<Message extends proto.AnalyzeRequest | proto.AnalyzerResource>(
  message: Message,
  analyzed: Analyzed,
): Message {
  const { resource, properties, provider } = analyzed;
  message.setUrn(resource.urn);
  message.setType(resource.type);
  message.setName(nameOf(resource.urn));
  message.setProperties(struct(properties));
  message.setOptions(optionsOf(analyzed));
  message.setProvider(providerOf(provider));
  return message;
}

function optionsOf({ resource, deleteBeforeReplace }: Analyzed): proto.AnalyzerResourceOptions {
  const options = new proto.AnalyzerResourceOptions();
  options.setProtect(resource.protect ?? false);
  options.setIgnorechangesList([...(resource.ignoreChanges ?? [])]);
  options.setDeletebeforereplace(deleteBeforeReplace ?? false);
  options.setDeletebeforereplacedefined(deleteBeforeReplace !== undefined);
  options.setAdditionalsecretoutputsList([...(resource.additionalSecretOutputs ?? [])]);
  options.setParent(resource.parent ?? "");
  options.setCustomtimeouts(new proto.AnalyzerResourceOptions.CustomTimeouts());
  return options;
}

function providerOf(provider: ResourceState | undefined): proto.AnalyzerProviderResource | undefined {
  if (provider === undefined) return undefined;
  const message = new proto.AnalyzerProviderResource();
  message.setUrn(provider.urn);
  message.setType(provider.type);
  message.setName(nameOf(provider.urn));
  message.setProperties(struct(provider.inputs ?? {}));
  return message;
}

/** Names that begin with two underscores are the engine's and the SDK's own. */
function struct(properties: Props): Struct {
  return Struct.fromJavaScript(
    Object.fromEntries(Object.entries(properties).filter(([name]) => !name.startsWith("__"))),
  );
}
