import type { AwsClientSettings } from "../../domain/aws-access";

// The SDK's notice about the end of its support for Node 20 is for whoever chooses its version; here it is pinned, and a person who
// runs a command could do nothing about it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/**
 * The configuration of a command's AWS client. The SDK itself would wait for ever for an endpoint that does not answer; a person who
 * waits hears of it after three attempts, which together take at most 21 s.
 */
export function withTimeouts({ requestTimeout = 5_000, ...aws }: AwsClientSettings) {
  return {
    ...aws,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout, throwOnRequestTimeout: true },
  };
}
