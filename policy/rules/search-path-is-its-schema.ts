import { ROLE } from "../reading/postgresql-types";
import { shown } from "../reading/shown";
import { schemaOf } from "../reading/tenant-names";
import { type Check, resourcePolicy } from "../resource-policy";

const findsItsTenantsTables: Check = ({ tenant, props: { searchPaths } }) => {
  if (tenant === undefined) return [];
  const own = schemaOf(tenant);
  const isOwn = Array.isArray(searchPaths) && searchPaths.length === 1 && searchPaths[0] === own;
  return isOwn
    ? []
    : [`Its search path is ${shown(searchPaths)}. That of tenant ${shown(tenant)} is exactly ["${own}"].`];
};

/** A backend names its tables without a schema: what else is on the path could stand in for them. */
export const searchPathIsItsSchema = resourcePolicy(
  "search-path-is-its-schema",
  "A tenant's role looks for tables in its own schema, and nowhere else.",
  { [ROLE]: findsItsTenantsTables },
);
