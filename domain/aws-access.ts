/**
 * How the AWS SDK is to reach an account. Endpoint and credentials come from the environment, as for the AWS CLI, where they are
 * not given.
 */
export interface AwsClientSettings {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Milliseconds of silence after which a command's attempt is given up; default 5,000. */
  readonly requestTimeout?: number;
}
