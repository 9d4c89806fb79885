import type { ResourceValidationPolicy } from "@pulumi/policy";
import { isKnown } from "../known-types";
import { shown } from "../reading/shown";
import { placeOf } from "../reading/tenant-of";

/** The other policies name the types that they look at. Of what is of no such type they would say nothing, whatever it does. */
export const resourcesAreOfKnownTypes: ResourceValidationPolicy = {
  name: "resources-are-of-known-types",
  description: "Every resource is of a type whose power over tenants somebody has thought about.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, urn }, report) => {
    const { tenant } = placeOf(urn);
    if (isKnown(type, tenant)) return;
    const [place, list] = tenant === undefined ? ["outside of tenants", "BESIDES"] : ["in a tenant", "IN_TENANT"];
    report(
      `A ${shown(type)} is not among the types allowed ${place}. See that it opens no tenant to another, have a policy look at what ` +
        `it could do wrong, and add its type to ${list} in policy/known-types.ts.`,
    );
  },
};
