import type {
  PolicyResource,
  PolicyResourceOptions,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { forMessage, printable } from "./reading/message";
import { isLeftOut, tenantIn } from "./reading/resource";
import { environmentSetting } from "./reading/stack-settings";
import { ifKnown, isUnset } from "./reading/values";

/** A resource that is about to be made or changed. Reading a property that only the update will know throws. */
export interface CheckedResource {
  readonly options: PolicyResourceOptions;
  /** The inputs, as the provider will get them; secrets in clear. */
  // biome-ignore lint/suspicious/noExplicitAny: a policy is for inputs that may be anything.
  readonly props: Record<string, any>;
}

export interface TenantResource extends CheckedResource {
  /** Slug of the tenant that the resource is part of. */
  readonly tenant: string;
  /** The setting `b2b-tenants:environment`. */
  readonly environment: string;
}

/** What a resource violates, one message each: what was found, what is allowed, what to do. Never with a secret in it. */
export type Check<Resource = TenantResource> = (resource: Resource) => readonly string[];

/** Checks by resource type. */
type Checks<Resource> = Readonly<Record<string, Check<Resource> | readonly Check<Resource>[]>>;

/**
 * A mandatory policy for resources of these types, in tenants and outside of them. A check that needs a value which only the update
 * will know is skipped in the preview: the engine asks again in the update, before it touches the resource.
 */
export function resourcePolicy(
  name: string,
  description: string,
  inTenants: Checks<TenantResource>,
  outside: Checks<CheckedResource> = {},
): ResourceValidationPolicy {
  return {
    name,
    description,
    enforcementLevel: "mandatory",
    validateResource: ({ type, urn, opts, props }, report) => {
      if (isLeftOut(props)) return;
      const ask = <Resource>(checks: Checks<Resource>, resource: Resource) => {
        for (const check of [checks[type] ?? []].flat()) {
          for (const violation of ifKnown(() => check(resource))) report(printable(violation));
        }
      };
      const tenant = tenantIn(urn);
      const resource: CheckedResource = { options: opts, props };
      if (tenant === undefined) ask(outside, resource);
      else ask(inTenants, { ...resource, tenant, environment: environmentSetting() });
    },
  };
}

/** A mandatory policy that is asked about each resource at the end of a run, when it is known what each depends on. */
export function stackPolicy(
  name: string,
  description: string,
  violationsOf: (resource: PolicyResource, all: readonly PolicyResource[]) => readonly string[],
): StackValidationPolicy {
  return {
    name,
    description,
    enforcementLevel: "mandatory",
    validateStack: ({ resources }, report) => {
      for (const resource of resources) {
        for (const violation of ifKnown(() => violationsOf(resource, resources)))
          report(printable(violation), resource.urn);
      }
    },
  };
}

/** A check that a property is exactly what belongs to the resource's tenant. */
export function exactly(property: string, expected: (resource: TenantResource) => unknown): Check {
  return (resource) => {
    const [found, own] = [resource.props[property], expected(resource)];
    return JSON.stringify(found) === JSON.stringify(own)
      ? []
      : [
          `Its ${property} is ${forMessage(found)}. In tenant ${forMessage(resource.tenant)} it has to be ${forMessage(own)}.`,
        ];
  };
}

/** A check that a property is one of the few values that belong to the resource's tenant. */
export function oneOf(property: string, expected: (resource: TenantResource) => readonly string[]): Check {
  return (resource) => {
    const [found, own] = [resource.props[property], expected(resource)];
    return own.some((value) => value === found)
      ? []
      : [
          `Its ${property} is ${forMessage(found)}. In tenant ${forMessage(resource.tenant)} it has to be ` +
            `${own.map((value) => forMessage(value)).join(" or ")}.`,
        ];
  };
}

/** A check that a property is left out. The message does not repeat it, since it may hold a secret; `advice` says why. */
export function unset(property: string, advice: string): Check<CheckedResource> {
  return ({ props }) => (isUnset(props[property]) ? [] : [`Its ${property} is set. Leave it out: ${advice}`]);
}
