import { printable } from "../../../domain/printable";
import { DestinationError } from "./backup-destination";

/** What a message says about the place. */
export interface S3Place {
  readonly bucket: string;
  /** Region that requests are sent to. */
  readonly region: string;
  readonly kmsKeyId?: string;
}

const NO_CREDENTIALS =
  "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is given, as for the rest of the stack";
const BAD_CREDENTIALS = "these AWS credentials are wrong or no longer valid: renew them, and run again";
const NO_BUCKET = "make the bucket, or correct b2b-tenants:backups destination";
const OUT_OF_REACH =
  "S3 cannot be reached from this machine: check its network, aws:region, and AWS_ENDPOINT_URL if that is set";

/** By S3's and the SDK's own names for what went wrong; the first match counts. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^CredentialsProviderError$/, NO_CREDENTIALS],
  [/^(InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired)$/, BAD_CREDENTIALS],
  [/^NoSuchBucket$/, NO_BUCKET],
  [/^NoSuchKey$/, "there is no such file; check the name"],
  [/^RequestTimeTooSkewed$/, "set this machine's clock right"],
  [/^(TimeoutError|E[A-Z_]+)$/, OUT_OF_REACH],
];

/** @param known Advice that counts more, by S3's name of what went wrong. */
export function s3Error(
  failed: string,
  error: unknown,
  place: S3Place,
  known: Readonly<Record<string, string>> = {},
): DestinationError {
  const advice = known[nameOf(error)] ?? adviceFor(error, place);
  return new DestinationError(`${failed}: ${wordsOf(error)}${advice ? `; ${advice}` : ""}`);
}

/** What S3, the SDK or the network said, for example `S3 answers AccessDenied: Access Denied`. */
export function wordsOf(error: unknown): string {
  const { message: said, $metadata } = error as SdkError;
  // More follows, and which part of the SDK speaks is nothing to whoever reads it.
  const message = said.replace(/^@smithy\/\S+ - /, "").replace(/\.$/, "");
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return printable(message || nameOf(error));
  // An answer to a HEAD request has no text.
  if (message === "UnknownError" || !message) return `S3 answers ${status}`;
  return printable(`S3 answers ${nameOf(error)}: ${message}`);
}

export function nameOf(error: unknown): string {
  const { name, code, errors } = error as SdkError;
  // A host with two addresses fails with one error per address.
  if (name === "AggregateError" && errors?.[0]) return nameOf(errors[0]);
  return name === "Error" && code ? code : name;
}

/** What an error of the SDK may hold; an answer of S3 has a status. */
interface SdkError extends Error {
  readonly code?: string;
  readonly errors?: readonly unknown[];
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

function adviceFor(error: unknown, place: S3Place): string | undefined {
  const { $metadata, $response } = error as SdkError;
  const region = $response?.headers?.["x-amz-bucket-region"];
  if (region && region !== place.region) {
    return printable(
      `the bucket is in ${region} and this stack works in ${place.region}: name a bucket in ${place.region} in b2b-tenants:backups destination`,
    );
  }
  const known = ADVICE.find(([names]) => names.test(nameOf(error)))?.[1];
  if (known) return known;
  const status = $metadata?.httpStatusCode;
  if (status === 403) return permissionsFor(place);
  if (status === 404) return NO_BUCKET;
  return status !== undefined && status >= 500 ? "S3 has an error of its own: run again later" : undefined;
}

function permissionsFor({ bucket, kmsKeyId }: S3Place): string {
  const key = kmsKeyId ? `, and kms:GenerateDataKey and kms:Decrypt on the key ${kmsKeyId}` : "";
  return (
    `the credentials in use need s3:ListBucket on the bucket ${bucket}, and s3:PutObject, s3:GetObject and ` +
    `s3:AbortMultipartUpload on what is in it${key}`
  );
}
