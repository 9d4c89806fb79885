import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { parseUrn } from "../../domain/urn";
import { type Props, refuseUnsupported } from "../protocol/property-values";
import type { CustomTimeouts } from "./state";
import { createUrn, nameOf, qualifiedTypeOf, type Urn } from "./urn";

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
  readonly retainOnDelete: boolean;
  readonly deletedWith: Urn;
  /** Undefined leaves it to the provider. */
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly importId: string;
  readonly customTimeouts: CustomTimeouts;
  readonly aliases: readonly AliasSpec[];
}

/** One earlier identity: a whole URN, or what differed from today's. `parent` "" means that it had none. */
export type AliasSpec =
  | { readonly urn: Urn }
  | {
      readonly name?: string;
      readonly type?: string;
      readonly parent?: Urn;
      readonly stack?: string;
      readonly project?: string;
    };

/** @throws Error naming the option, when the program uses one that this engine does not support. */
export function goalOf(request: RegisterResourceRequest): Goal {
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
    retainOnDelete: request.getRetainondelete() ?? false,
    deletedWith: request.getDeletedwith(),
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    importId: request.getImportid(),
    customTimeouts: timeoutsOf(request.getCustomtimeouts()),
    aliases: [
      ...request.getAliasurnsList().map((urn) => ({ urn })),
      ...request.getAliasesList().map((alias) => aliasSpec(alias)),
    ],
  };
}

function refuseOptions(request: RegisterResourceRequest, name: string): void {
  const nested = request.getReplaceonchangesList().find((path) => path !== "*" && /[.[*]/.test(path));
  if (nested !== undefined) {
    throw new Error(
      `${name}: replaceOnChanges "${nested}": the rehearsal engine supports "*" and top-level names only`,
    );
  }
  const hooks = request.getHooks();
  const used: ReadonlyArray<readonly [string, boolean]> = [
    ["a remote component", request.getRemote()],
    ["transforms", request.getTransformsList().length > 0],
    [
      "hooks",
      hooks !== undefined && Object.values(hooks.toObject()).some((list) => Array.isArray(list) && list.length > 0),
    ],
    ["replaceWith", request.getReplaceWithList().length > 0],
    ["replacementTrigger", request.hasReplacementTrigger()],
    ["a parameterized package", request.getPackageref() !== ""],
    ["envVarMappings", request.getEnvvarmappingsMap().getLength() > 0],
    ["pluginDownloadURL", request.getPlugindownloadurl() !== ""],
  ];
  for (const [option, present] of used) {
    if (present) {
      throw new Error(`${name} (${request.getType()}) uses ${option}, which the rehearsal engine does not support`);
    }
  }
}

function timeoutsOf(message: RegisterResourceRequest.CustomTimeouts | undefined): CustomTimeouts {
  const seconds = (text: string) => parseDuration(text);
  const timeouts: { create?: number; update?: number; delete?: number } = {};
  if (message?.getCreate()) {
    timeouts.create = seconds(message.getCreate());
  }
  if (message?.getUpdate()) {
    timeouts.update = seconds(message.getUpdate());
  }
  if (message?.getDelete()) {
    timeouts.delete = seconds(message.getDelete());
  }
  return timeouts;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** Go's duration notation, as `1h30m`, in seconds. */
function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new Error(`"${text}" is not a duration; write it as 30s, 5m or 1h30m`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_SECONDS[unit ?? ""] ?? 0), 0);
}

function aliasSpec(alias: Alias): AliasSpec {
  if (alias.hasUrn()) {
    return { urn: alias.getUrn() };
  }
  const spec = alias.getSpec();
  if (spec === undefined) {
    return {};
  }
  return {
    ...(spec.getName() === "" ? {} : { name: spec.getName() }),
    ...(spec.getType() === "" ? {} : { type: spec.getType() }),
    ...(spec.getStack() === "" ? {} : { stack: spec.getStack() }),
    ...(spec.getProject() === "" ? {} : { project: spec.getProject() }),
    ...(spec.hasNoparent() && spec.getNoparent() ? { parent: "" } : {}),
    ...(spec.hasParenturn() && spec.getParenturn() !== "" ? { parent: spec.getParenturn() } : {}),
  };
}

/** Every URN that the resource may have in the state: those its own aliases give, and those its parent's old identities give. */
export function aliasUrns(goal: Goal, stack: string, project: string, parentAliases: readonly Urn[]): readonly Urn[] {
  const urns = new Set<Urn>();
  for (const alias of goal.aliases) {
    if ("urn" in alias) {
      urns.add(alias.urn);
      continue;
    }
    const parents = alias.parent === undefined ? [goal.parent, ...parentAliases] : [alias.parent];
    for (const parent of parents) {
      const type = alias.type ?? goal.type;
      const name = alias.name ?? inheritedName(goal, parent);
      urns.add(createUrn(alias.stack ?? stack, alias.project ?? project, parent, type, name));
    }
  }
  for (const parent of parentAliases) {
    const parentStack = parent.split(":")[2] ?? stack;
    const parentProject = parseUrn(parent)?.project ?? project;
    urns.add(createUrn(parentStack, parentProject, parent, goal.type, inheritedName(goal, parent)));
  }
  return [...urns];
}

/** A child named after its parent follows the parent's old name. */
function inheritedName(goal: Goal, oldParent: Urn): string {
  if (goal.parent === "" || oldParent === goal.parent || qualifiedTypeOf(oldParent) === "pulumi:pulumi:Stack") {
    return goal.name;
  }
  const parentName = nameOf(goal.parent);
  return goal.name.startsWith(parentName) ? nameOf(oldParent) + goal.name.slice(parentName.length) : goal.name;
}
