import type { Props } from "../protocol/property-values";
import type { Urn } from "./urn";

/** One resource in a deployment of version 3, field by field as Pulumi writes it; secrets are marked, in clear, in memory. */
export interface ResourceState {
  readonly urn: Urn;
  readonly custom: boolean;
  /** Replaced, still to be deleted. */
  readonly delete?: boolean;
  readonly id?: string;
  readonly type: string;
  readonly inputs?: Props;
  readonly outputs?: Props;
  readonly parent?: Urn;
  readonly protect?: boolean;
  readonly dependencies?: readonly Urn[];
  /** Why the last create or update of it stopped half-way. */
  readonly initErrors?: readonly string[];
  /** `<urn>::<id>` of the provider resource that serves it. */
  readonly provider?: string;
  readonly propertyDependencies?: Readonly<Record<string, readonly Urn[]>>;
  readonly additionalSecretOutputs?: readonly string[];
  readonly importID?: string;
  readonly deletedWith?: Urn;
  readonly ignoreChanges?: readonly string[];
  readonly created?: string;
  readonly modified?: string;
}

export type OperationType = "creating" | "updating" | "deleting" | "reading" | "importing";

/** What a provider was doing when the state was written. */
export interface PendingOperation {
  readonly type: OperationType;
  readonly resource: ResourceState;
}

export interface DeploymentState {
  readonly resources: readonly ResourceState[];
  readonly pendingOperations: readonly PendingOperation[];
}

const FIELDS: Readonly<Record<keyof ResourceState, true>> = {
  urn: true,
  custom: true,
  delete: true,
  id: true,
  type: true,
  inputs: true,
  outputs: true,
  parent: true,
  protect: true,
  dependencies: true,
  initErrors: true,
  provider: true,
  propertyDependencies: true,
  additionalSecretOutputs: true,
  importID: true,
  deletedWith: true,
  ignoreChanges: true,
  created: true,
  modified: true,
};

/** @throws Error that names a field which another engine has written and this one would have to ignore. */
export function refuseUnknownFields(resource: object): void {
  const unknown = Object.keys(resource).find((field) => !(field in FIELDS));
  if (unknown !== undefined) {
    const { urn } = resource as ResourceState;
    throw new Error(`${urn} has the field "${unknown}" in the state, which the rehearsal engine does not support`);
  }
}
