// What the SDK does for each resource that nobody here needs, and that a fleet pays for. An SDK that works otherwise is left alone.
import * as pulumi from "@pulumi/pulumi";

/**
 * Has the SDK take no stack trace for each resource: the engine would store all of them, 650 bytes a resource, and write them with every
 * step. Node's `--stack-trace-limit` does not reach this one (findings/pulumi-sdk-keeps-stack-traces.sh).
 */
export function withoutStackTraces(): void {
  const resource = pulumi.Resource as unknown as { stackTrace?: () => readonly [] };
  if (resource.stackTrace !== undefined) resource.stackTrace = () => [];
}

/**
 * Has the SDK send the engine no debug messages: it sends some five for each resource, one call after the other, also where nobody has asked
 * for them, which is a third of the program's work (findings/pulumi-sdk-sends-debug-messages.sh). For a run with `pulumi up --debug`, leave
 * this out.
 */
export function withoutDebugMessages(): void {
  const log = pulumi.log as { debug?: typeof pulumi.log.debug };
  if (log.debug !== undefined) log.debug = async () => {};
}
