import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { type Props, refuseUnsupported } from "../protocol/property-values";
import { createUrn, type Urn } from "./urn";

/** What the program says a resource should be. */
export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly parent: Urn;
  readonly inputs: Props;
  readonly dependencies: readonly Urn[];
  readonly propertyDependencies: Readonly<Record<string, readonly Urn[]>>;
  /** `<urn>::<id>`, or empty for the default provider. */
  readonly provider: string;
  readonly version: string;
  readonly protect: boolean;
  readonly deletedWith: Urn;
  /** Undefined leaves it to the provider. */
  readonly deleteBeforeReplace: boolean | undefined;
  /** Names of inputs. */
  readonly ignoreChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly importId: string;
  /** Earlier identities: providers' SDKs give one to each type that was once called otherwise. */
  readonly aliases: readonly Urn[];
}

/** @throws Error naming the option, when the program uses one that this engine does not support. */
export function goalOf(request: RegisterResourceRequest, stack: string, project: string): Goal {
  const name = request.getName();
  refuseOptions(request, name);
  const inputs = (request.getObject()?.toJavaScript() ?? {}) as Props;
  refuseUnsupported(inputs, name);
  const propertyDependencies: Record<string, readonly Urn[]> = {};
  request.getPropertydependenciesMap().forEach((entry: RegisterResourceRequest.PropertyDependencies, key: string) => {
    propertyDependencies[key] = entry.getUrnsList();
  });
  return {
    type: request.getType(),
    name,
    custom: request.getCustom(),
    parent: request.getParent(),
    inputs,
    dependencies: request.getDependenciesList(),
    propertyDependencies,
    provider: request.getProvider(),
    version: request.getVersion(),
    protect: request.getProtect() ?? false,
    deletedWith: request.getDeletedwith(),
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    importId: request.getImportid(),
    aliases: aliasesOf(request, stack, project),
  };
}

function aliasesOf(request: RegisterResourceRequest, stack: string, project: string): Urn[] {
  const urns = request.getAliasesList().map((alias) => {
    const spec = alias.getSpec();
    if (spec === undefined) return alias.getUrn();
    const parent = spec.getNoparent() ? "" : spec.getParenturn() || request.getParent();
    const [type, name] = [spec.getType() || request.getType(), spec.getName() || request.getName()];
    return createUrn(spec.getStack() || stack, spec.getProject() || project, parent, type, name);
  });
  return [...request.getAliasurnsList(), ...urns];
}

function refuseOptions(request: RegisterResourceRequest, name: string): void {
  const nested = request.getIgnorechangesList().find((path) => /[.[*]/.test(path));
  const lists = (message: { toObject(): object } | undefined) => Object.values(message?.toObject() ?? {});
  const used: ReadonlyArray<readonly [string, boolean]> = [
    ["a remote component", request.getRemote()],
    ["customTimeouts", lists(request.getCustomtimeouts()).some((duration) => duration !== "")],
    ["envVarMappings", request.getEnvvarmappingsMap().getLength() > 0],
    ["hooks", lists(request.getHooks()).some((list) => Array.isArray(list) && list.length > 0)],
    [`ignoreChanges of a part of an input ("${nested}")`, nested !== undefined],
    ["a parameterized package", request.getPackageref() !== ""],
    ["pluginDownloadURL", request.getPlugindownloadurl() !== ""],
    ["replaceOnChanges", request.getReplaceonchangesList().length > 0],
    ["replaceWith", request.getReplaceWithList().length > 0],
    ["replacementTrigger", request.hasReplacementTrigger()],
    ["retainOnDelete", request.getRetainondelete() ?? false],
    ["transforms", request.getTransformsList().length > 0],
  ];
  for (const [option, present] of used) {
    if (present) {
      throw new Error(`${name} (${request.getType()}) uses ${option}, which the rehearsal engine does not support`);
    }
  }
}
