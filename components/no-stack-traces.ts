import * as pulumi from "@pulumi/pulumi";

/**
 * Has the SDK take no stack trace for each resource: the engine would store all of them, 650 bytes a resource, and write them with every
 * step. Node's `--stack-trace-limit` does not reach this one (findings/pulumi-sdk-keeps-stack-traces.sh). An SDK that works otherwise is left alone.
 */
export function withoutStackTraces(): void {
  const resource = pulumi.Resource as unknown as { stackTrace?: () => readonly [] };
  if (resource.stackTrace !== undefined) resource.stackTrace = () => [];
}
