/** Turns the protocol's messages into what stand-ins work with, and their answers into messages. */
import * as grpc from "@grpc/grpc-js";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type Props, refuseUnsupported, withoutSecretMarks } from "../protocol/property-values";
import { type CheckAnswer, type DiffAnswer, PartialFailure } from "./stand-in";

/** The plain properties of a message's struct; none when the field is not set. */
export function props(value: Struct | undefined): Props {
  const properties = (value?.toJavaScript() ?? {}) as Props;
  for (const [name, property] of Object.entries(properties)) refuseUnsupported(property, name);
  return withoutSecretMarks(properties);
}

export function struct(properties: Props): Struct {
  return Struct.fromJavaScript(properties);
}

export function checkResponse(answer: CheckAnswer): pb.CheckResponse {
  const failures = (answer.failures ?? []).map(({ property, reason }) =>
    new pb.CheckFailure().setProperty(property).setReason(reason),
  );
  return new pb.CheckResponse().setInputs(struct(answer.inputs)).setFailuresList(failures);
}

export function diffResponse(answer: DiffAnswer): pb.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
  const response = new pb.DiffResponse()
    .setChanges(answer.changes ? DIFF_SOME : DIFF_NONE)
    .setDiffsList([...(answer.diffs ?? [])])
    .setReplacesList([...(answer.replaces ?? [])])
    .setStablesList([...(answer.stables ?? [])])
    .setDeletebeforereplace(answer.deleteBeforeReplace ?? false)
    .setHasdetaileddiff(answer.detailedDiff !== undefined);
  for (const [path, { kind, inputDiff }] of Object.entries(answer.detailedDiff ?? {})) {
    const diff = new pb.PropertyDiff().setKind(pb.PropertyDiff.Kind[kind]).setInputdiff(inputDiff ?? false);
    response.getDetaileddiffMap().set(path, diff);
  }
  return response;
}

/**
 * The message alone, with the status the real plugins use; the reader is a person who runs a deployment. A partial failure
 * carries what came to be in gRPC's status details, where the engine looks for it.
 */
export function serviceError(error: unknown): Partial<grpc.ServiceError> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof PartialFailure) {
    const failed = new pb.ErrorResourceInitFailed()
      .setId(error.id)
      .setProperties(struct(error.properties))
      .setReasonsList([message]);
    const detail = new Any();
    detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message).setDetailsList([detail]);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details: message, message, metadata };
}
