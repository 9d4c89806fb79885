/** What providers answer, in the engine's own types. */
import * as grpc from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import * as statusProto from "@pulumi/pulumi/proto/status_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Props } from "../protocol/property-values";
import { nameOf, type Urn } from "./urn";

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface PropertyDiff {
  readonly kind: DiffKind;
  readonly inputDiff: boolean;
}

export interface DiffResult {
  readonly changes: "none" | "some" | "unknown";
  readonly changed: readonly string[];
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** Undefined when the provider gave none. */
  readonly detailed: Readonly<Record<string, PropertyDiff>> | undefined;
}

/** What the provider says a resource is. `id` is undefined when it is gone, or in a preview not known yet. */
export interface Observed {
  readonly id: string | undefined;
  readonly properties: Props;
  readonly inputs?: Props | undefined;
}

/** A provider's error. `partial` is what is there nevertheless, of a create or update that stopped half-way. */
export class ProviderError extends Error {
  constructor(
    message: string,
    readonly partial?: Observed & { readonly reasons: readonly string[] },
  ) {
    super(message);
  }
}

/** The plugin's process was gone before the call was answered: whether it was carried out is unknown. */
export class PluginLost extends Error {}

/** One text a failure, for example `name: must not be empty`. */
export function reasonsOf(failures: readonly CheckFailure[]): string[] {
  return failures.map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`));
}

export function properties(struct: Struct | undefined): Props {
  return (struct?.toJavaScript() ?? {}) as Props;
}

export function failuresOf(response: Pick<proto.CheckResponse, "getFailuresList">): readonly CheckFailure[] {
  return response
    .getFailuresList()
    .map((failure: proto.CheckFailure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
}

const DIFF_KINDS: readonly DiffKind[] = ["add", "add-replace", "delete", "delete-replace", "update", "update-replace"];

export function diffResult(response: proto.DiffResponse): DiffResult {
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  const changes = response.getChanges();
  let detailed: Record<string, PropertyDiff> | undefined;
  if (response.getHasdetaileddiff()) {
    detailed = {};
    for (const [path, diff] of response.getDetaileddiffMap().entries() as IterableIterator<
      [string, proto.PropertyDiff]
    >) {
      detailed[path] = { kind: DIFF_KINDS[diff.getKind()] ?? "update", inputDiff: diff.getInputdiff() };
    }
  }
  return {
    changes: changes === DIFF_NONE ? "none" : changes === DIFF_SOME ? "some" : "unknown",
    changed: response.getDiffsList(),
    replaces: response.getReplacesList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
    detailed,
  };
}

const LOST: ReadonlySet<number> = new Set([grpc.status.UNAVAILABLE, grpc.status.CANCELLED]);

/** What a failed call says, and what is there nevertheless; `marked` puts secret marks on what the provider returned. */
export function providerError(
  error: grpc.ServiceError,
  marked: (properties: Props) => Props,
): ProviderError | PluginLost {
  if (LOST.has(error.code)) {
    return new PluginLost("the plugin ended before it answered; whether it had done its work is not known");
  }
  const message = error.details || error.message;
  const [encoded] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!Buffer.isBuffer(encoded)) return new ProviderError(message);
  for (const detail of statusProto.Status.deserializeBinary(encoded).getDetailsList()) {
    if (detail.getTypeName() === "pulumirpc.ErrorResourceInitFailed") {
      const failed = proto.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
      const inputs = failed.getInputs();
      return new ProviderError(message, {
        id: failed.getId() === "" ? undefined : failed.getId(),
        properties: marked(properties(failed.getProperties())),
        inputs: inputs === undefined ? undefined : marked(properties(inputs)),
        reasons: failed.getReasonsList(),
      });
    }
  }
  return new ProviderError(message);
}

/** @throws ProviderError with every reason why a provider does not take its configuration. */
export function refuseFailures(response: proto.CheckResponse, urn: Urn): void {
  const failures = failuresOf(response);
  if (failures.length > 0) {
    throw new ProviderError(`the configuration of ${nameOf(urn)} is not valid: ${reasonsOf(failures).join("; ")}`);
  }
}

/** What to do without an answer of a provider that does not have the method. */
export function ifUnimplemented<Value>(error: unknown, value: Value): Value {
  if ((error as grpc.ServiceError).code === grpc.status.UNIMPLEMENTED) return value;
  throw error;
}
