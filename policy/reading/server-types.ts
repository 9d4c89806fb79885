import type { Check } from "../resource-policy";

/** What starts a server by itself: these take the same arguments. */
export const SERVERS = [
  "aws:ec2/instance:Instance",
  "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
  "aws:ec2/launchConfiguration:LaunchConfiguration",
];

/** What servers are started from. */
export const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

/** The same checks for resources of each type. */
export function forEach(types: readonly string[], checks: readonly Check[]): Record<string, readonly Check[]> {
  return Object.fromEntries(types.map((type) => [type, checks]));
}
