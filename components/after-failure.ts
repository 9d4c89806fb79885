/**
 * What a run that goes on past a failure (`--continue-on-error`) needs of the program. Whatever depends on a failed resource is
 * registered like everything else, and the engine skips it, but only after its provider has checked its inputs. An input that is
 * missing there, or outputs of a component that was skipped, would end the run for all tenants.
 */
import * as pulumi from "@pulumi/pulumi";

/**
 * The value, or `standIn` after a failure that keeps it from being known: no value may hold undefined otherwise. Whoever uses it
 * depends on what failed, and so never sees the stand-in anywhere but in a provider's check.
 */
export function unlessFailed<T>(value: pulumi.Output<T>, standIn: NoInfer<T>): pulumi.Output<T> {
  // A preview does not know it yet, and says so.
  if (pulumi.runtime.isDryRun()) return value;
  // The SDK can do this, but does not say so in its types.
  const { apply } = value as unknown as { apply: ApplyWithUnknowns<T> };
  return apply.call(value, (known: T) => (pulumi.containsUnknowns(known) || isMissing(known) ? standIn : known), true);
}

/** What Pulumi 3.274 and later have skipped they say is unknown in a way that SDKs before 3.249 take for undefined. */
function isMissing(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isMissing) : value === undefined;
}

type ApplyWithUnknowns<T> = (change: (value: T) => T, runWithUnknowns: true) => pulumi.Output<T>;

/** The options of a component without what it waits for: its children wait for that, and are skipped one by one. */
export function neverSkipped(opts: pulumi.ComponentResourceOptions): pulumi.ComponentResourceOptions {
  const { dependsOn: _, ...rest } = opts;
  return rest;
}
