import type { PolicyResourceOptions, ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { ifKnown } from "./reading/known";
import { isLeftOut } from "./reading/left-out";
import { printable } from "./reading/shown";
import { type Place, placeOf } from "./reading/tenant-of";

/** A resource as it is about to be made or changed. Reading a property that only the update will know throws. */
export interface Checked extends Place {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly options: PolicyResourceOptions;
  /** The inputs, as the provider will get them; secrets in clear. */
  // biome-ignore lint/suspicious/noExplicitAny: a policy is for inputs that may be anything.
  readonly props: Record<string, any>;
}

/** What is wrong with a resource, a sentence each: what was found, what is allowed, what to do. Never with a secret in it. */
export type Check = (resource: Checked) => readonly string[];

/**
 * A mandatory policy for resources of the types that `checks` names. A check that needs what is not known before the update is
 * passed over in a preview: the engine asks again in the update, before it touches the resource.
 */
export function resourcePolicy(
  name: string,
  description: string,
  checks: Readonly<Record<string, Check | readonly Check[]>>,
): ResourceValidationPolicy {
  return {
    name,
    description,
    enforcementLevel: "mandatory",
    validateResource: (args, report) => {
      const asked = [checks[args.type] ?? []].flat();
      if (asked.length === 0 || isLeftOut(args.props)) return;
      const resource = checked(args);
      for (const check of asked) {
        for (const violation of ifKnown(() => check(resource))) report(printable(violation));
      }
    },
  };
}

function checked({ type, name, urn, opts, props }: ResourceValidationArgs): Checked {
  return { type, name, urn, options: opts, props, ...placeOf(urn) };
}
