import { exactly, resourcePolicy } from "../define-policy";
import { DROP_GUARD, GATE, SCHEMA_GUARD, SQL_SCRIPT } from "../reading/resource-types";
import { roleOf, schemaOf } from "../reading/tenant-names";

const tenantAndSchema = [
  exactly("tenant", ({ tenant }) => tenant),
  exactly("schema", ({ tenant }) => schemaOf(tenant)),
];
const guard = [...tenantAndSchema, exactly("role", ({ tenant }) => roleOf(tenant))];

/** A gate that backs up another tenant lets its own go without a backup. */
export const guardsActForTheirTenant = resourcePolicy(
  "guards-act-for-their-tenant",
  "A tenant's gate and guards watch its own role and schema, and its script runs as its own role.",
  {
    [GATE]: guard,
    [DROP_GUARD]: guard,
    [SCHEMA_GUARD]: guard,
    // It runs whatever its file says, with the rights of its user.
    [SQL_SCRIPT]: [...tenantAndSchema, exactly("user", ({ tenant }) => roleOf(tenant))],
  },
);
